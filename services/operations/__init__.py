"""Notes what happens to applications."""
