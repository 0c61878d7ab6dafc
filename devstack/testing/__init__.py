"""What tests need beyond the stack: clusters, proxies, small disks, shifted clocks, containers."""
