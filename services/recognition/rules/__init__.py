"""Rules for labels. Pure except for reading the rule files. Imported by all other modules."""
