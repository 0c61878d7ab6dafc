"""The whole platform on one machine: `make run` and `make demo`. Imported by `cli`."""
