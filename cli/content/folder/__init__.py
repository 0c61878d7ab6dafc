"""Reads a folder of content, with every mistake in it. It imports nothing else of `cli.content`."""
