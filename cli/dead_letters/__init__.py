"""`cppp dead-letters`: list, show, redrive and park dead letters. Imported by `cli.main` alone."""
