"""One application in one request: body, events, write. Imported by `app`, `bulk` and `changes`."""
