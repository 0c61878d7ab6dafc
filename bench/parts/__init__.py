"""The parts of the benchmark, one module each, and the HTTP client and mail sink they use.

Imported by `python -m bench`.
"""
