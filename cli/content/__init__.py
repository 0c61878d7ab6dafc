"""`cppp content`: check, show and publish what editors write. Imported by `cli` alone."""
