"""Dead letters as operators see them: what failed and why, and what was done about it."""
