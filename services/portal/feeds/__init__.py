"""What programs read of the site: feeds, calendar files, the site map and rules for robots."""
