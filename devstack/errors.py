"""The error of the stack."""


class StackError(Exception):
    """The stack cannot start or continue; the message says in one line why, and what to do."""
