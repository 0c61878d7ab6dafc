"""Intake's collections in MongoDB.

Imported by every folder of intake but `http`.
"""
