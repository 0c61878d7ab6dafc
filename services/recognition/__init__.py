"""The Recognition Scheme: which round, which category, are its prerequisites met, and why."""
