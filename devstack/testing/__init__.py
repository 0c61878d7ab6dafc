"""Test equipment: clusters, proxies, small disks, shifted clocks, containers.

Imported by tests alone.
"""
