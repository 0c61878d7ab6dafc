"""From a stored notification to its outcome: claim, resolve the recipient, send, record.

Imported by `wiring` alone.
"""
