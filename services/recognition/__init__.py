"""The Recognition Scheme: prerequisites, steps, labels with their certificates, expiry, history."""
