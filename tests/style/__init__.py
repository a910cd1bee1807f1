"""The rules of docs/STYLE.md that a machine can check, on what was added since they hold."""
