"""Invented sample applications, and the expected decision on each."""
