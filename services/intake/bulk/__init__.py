"""Many applications in one request. Imported by `app` alone."""
