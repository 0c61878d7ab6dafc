"""All that knows eligibility's collections in MongoDB."""
