"""The page for an incident: one document without scripts, and the runbooks that it links."""
