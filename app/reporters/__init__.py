"""One file a surface a verdict is published on."""
