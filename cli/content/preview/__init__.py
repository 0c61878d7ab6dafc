"""Renders a folder of content as pages on the disk, so that an editor sees it."""

from cli.content.preview.pages import write_preview

__all__ = ["write_preview"]
