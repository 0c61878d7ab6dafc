"""Who may be funded and how much. Pure: no I/O, no framework, no clock."""
