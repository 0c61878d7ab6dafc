"""Notification: one e-mail per fact, in the reader's language, sent once."""
