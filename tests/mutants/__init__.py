"""One-place sabotages of the product, each breaking one promise: `make mutants` applies them one at a time and runs the closest tests."""
