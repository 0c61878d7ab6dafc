"""Errors that say what happens next."""


class TransientError(Exception):
    """A dependency is down or busy: the same call will work later, so it is repeated."""


class DependencyError(Exception):
    """A dependency refuses what we ask, and no record is to blame: a person has to look."""


class AbandonedError(Exception):
    """Waiting for a dependency was given up (shutdown or lost partitions); nothing is committed."""


class MalformedRecordError(Exception):
    """A record breaks the envelope's rules, whatever its data: it can only be dead-lettered."""


class RecordTooLargeError(Exception):
    """What was announced is larger than a record may be."""
