"""`cppp lag`: how far behind every consumer group is."""
