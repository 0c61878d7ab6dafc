"""All that knows notify's collections in MongoDB."""
