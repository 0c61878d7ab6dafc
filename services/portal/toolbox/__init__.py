"""The CP Toolbox: which technologies fit a factory, and what their examples cost and saved."""
