"""Who may apply: a few questions, answered by the rules of `eligibility`; nothing is kept."""
