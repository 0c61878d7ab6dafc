"""Content as people have it: recognise its form, read rows of CSV and lines of NDJSON.

Imported by services and `cli`. Nothing here guesses: what is not UTF-8 text is named, not decoded.
"""
