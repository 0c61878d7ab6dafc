"""The `cppp` command."""
