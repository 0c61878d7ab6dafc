"""The public site: what editors publish and the rules in force, as pages in three languages."""
