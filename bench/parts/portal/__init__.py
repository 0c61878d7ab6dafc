"""The public site under load: many items, many pages, and new items meanwhile."""
