"""Recognition's collections in MongoDB. Imported by all modules except `rules` and `metrics`."""
