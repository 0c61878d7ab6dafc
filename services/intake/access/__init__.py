"""Who may send what: clients, API keys, rate limits, requests in flight. Imported by the routes."""
