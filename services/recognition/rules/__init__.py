"""Prerequisites, steps, labels and their conclusions. Pure: no I/O, no framework, no clock."""
