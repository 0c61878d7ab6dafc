"""Tells a team on call how far behind every part is, what is wrong, and what to do about it."""
