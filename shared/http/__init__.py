"""HTTP of every service: problem documents, metrics, flaws in JSON."""
