"""The views of pages: frozen values for templates, built from stored data."""
