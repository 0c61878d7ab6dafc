"""What the site shows now, in memory: pages are answered without asking MongoDB."""
