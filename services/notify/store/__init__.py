"""Notify's collections in MongoDB.

Imported by wiring, `handlers`, `delivery` and the command.
"""
