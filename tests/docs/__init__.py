"""The documentation, held against the code: the reference pages are written from it, and every name that a page gives exists."""
