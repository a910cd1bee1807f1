"""Shows notebooks (`.ipynb`) as people read them: cells of source, without the JSON around them."""
