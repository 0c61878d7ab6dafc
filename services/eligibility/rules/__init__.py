"""Rules for funding. Pure except for reading the rule files. Imported by all other modules."""
