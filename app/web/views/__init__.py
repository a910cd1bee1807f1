"""What pages show: frozen values that a template prints, made from what is stored."""
