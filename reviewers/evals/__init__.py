"""How good the council's judgement is, on reviews that others recorded."""
