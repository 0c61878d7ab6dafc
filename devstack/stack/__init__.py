"""Starts, supervises and stops programs, whichever they are."""
