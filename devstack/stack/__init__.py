"""Starts, supervises and stops programs, whichever they are.

Imported by the other packages of devstack, by `cli` and by the benchmark.
"""
