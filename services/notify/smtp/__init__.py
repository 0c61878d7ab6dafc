"""The conversation with the mail server. Imported by `delivery` and `wiring`."""
