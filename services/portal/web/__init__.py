"""What all pages have in common: languages, formats, templates, styles, security headers."""
