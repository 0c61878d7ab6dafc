"""`cppp submit`: send a file of applications to intake. Used by `main`, `up` and `demo`."""
