"""The overview of the platform: what is known, and whether anything is wrong."""
