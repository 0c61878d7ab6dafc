"""Test equipment: clusters, proxies, small disks, shifted clocks, containers."""
