"""The repository around a change: its index, the looks at it, and the related code shown with every change."""
