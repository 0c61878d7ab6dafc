"""All that knows intake's collections in MongoDB."""
