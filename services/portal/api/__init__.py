"""What the site publishes for programs, as JSON and CSV."""
