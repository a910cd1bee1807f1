"""The words and the Markdown of everything that Council posts or prints."""
