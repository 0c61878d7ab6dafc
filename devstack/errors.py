"""What a person is told when the stack cannot go on."""


class StackError(Exception):
    """The stack cannot go on; the text says in one line why, and what to do about it."""
