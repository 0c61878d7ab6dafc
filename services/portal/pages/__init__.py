"""The pages: each module has the pages of one section, at the same addresses in each language."""
