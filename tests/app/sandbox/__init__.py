"""The sandbox, told as stories."""
