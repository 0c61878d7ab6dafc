"""Eligibility's collections in MongoDB. Imported by `app` and `handlers`."""
