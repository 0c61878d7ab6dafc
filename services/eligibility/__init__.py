"""Funding: which phase was open, whether the applicant may apply, how much, and why."""
