"""All that knows recognition's collections in MongoDB."""
