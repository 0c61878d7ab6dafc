"""`cppp import-rulings`: check a file of rulings and publish it. Imported by `cli.main` alone."""
