"""Applications and decisions in figures: what is kept of each, and what the site shows of all."""
