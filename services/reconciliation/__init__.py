"""Finds what never came to an end: accepted and not decided, decided and nobody told."""
