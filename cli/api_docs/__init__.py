"""The generated contracts: `docs/api/` and `docs/events.md`, made from the code by `make docs`."""
