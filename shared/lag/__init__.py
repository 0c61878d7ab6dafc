"""How far behind every consumer group is: in records, and in seconds.

Use `reader`; `model` is what it returns.
"""
