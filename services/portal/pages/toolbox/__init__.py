"""The pages of the CP Toolbox: the list, comparisons, estimates, and what to take along."""
