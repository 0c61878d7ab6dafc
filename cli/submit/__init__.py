"""`cppp submit`: send a file of applications to intake. Imported by `cli.main` and `cli.up`."""
