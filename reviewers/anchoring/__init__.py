"""The evidence gate: every quote of a model is looked up in the code, and gets a place in the diff."""
