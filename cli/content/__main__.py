"""`python -m cli.content`: the same as `cppp content`, for the image that has nothing else."""

from cli.content.commands import content

content(prog_name="cppp content")
