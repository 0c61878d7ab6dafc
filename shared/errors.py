"""Errors, named for what happens next."""


class TransientError(Exception):
    """A dependency is down or busy: the same call will succeed later, so it is retried.

    Its text, if any, is logged: a code of ours or of the dependency, never data.
    """


class DependencyError(Exception):
    """A dependency refuses a call and no record is at fault: a person has to look."""


class SetupError(Exception):
    """The service cannot start on what it found: the text says what to do, without any data."""


class AbandonedError(Exception):
    """A wait for a dependency was cancelled by shutdown or revocation; nothing is committed."""


class MalformedRecordError(Exception):
    """A record breaks the rules of the envelope: it becomes a dead letter, whatever its data."""


class RecordTooLargeError(Exception):
    """An announced event is larger than a record may be."""
