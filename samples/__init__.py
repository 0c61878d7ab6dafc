"""Invented applications to try the platform with, and what is to be decided on each."""
