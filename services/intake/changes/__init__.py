"""Amendments and withdrawals. Imported by `app` alone."""
