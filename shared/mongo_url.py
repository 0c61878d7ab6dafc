"""Which options a MongoDB URL may have: none of them may weaken a promise.

Every option of the driver stands in one of three tables. Those in `OWN` are set by
`shared.mongo.open_database`, whatever the URL says; those in `REFUSED` end the start; the others
are passed on. An option in no table ends the start, too: it is misspelt, or new and undecided.
"""

import re
import warnings
from collections import Counter
from typing import Final
from urllib.parse import unquote_plus

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.uri_parser import split_options

OWN: Final = frozenset(
    {
        # writes wait for the journals of the majority, and are retried by the driver
        "w", "journal", "wtimeoutms", "fsync", "retrywrites",
        # reads come from the primary, and are never rolled back
        "readconcernlevel", "readpreference", "readpreferencetags", "maxstalenessseconds",
        "retryreads",
        # values are read back as they were written
        "tz_aware", "datetime_conversion", "unicode_decode_error_handler", "uuidrepresentation",
        # a server that hangs is given up in time; `MONGODB_WAIT_SECONDS`
        "connect", "connecttimeoutms", "serverselectiontimeoutms", "sockettimeoutms", "timeoutms",
        "appname",
    }
)  # fmt: skip
"""Set by us: what the URL says about them is ignored."""

PASSED: Final = frozenset(
    {
        # which servers, and who we are; `shared.mongo` guards reads of a direct connection
        "replicaset", "directconnection", "authsource", "authmechanism", "authmechanismproperties",
        "srvservicename", "srvmaxhosts", "srvallowedhostssuffix",
        # the line: as private as its operator makes it
        "tls", "ssl", "tlscafile", "tlscertificatekeyfile", "tlscertificatekeyfilepassword",
        "tlscrlfile", "tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames",
        "tlsdisableocspendpointcheck", "compressors", "zlibcompressionlevel",
        # how fast, not what
        "maxpoolsize", "minpoolsize", "maxconnecting", "maxidletimems", "waitqueuetimeoutms",
        "waitqueuemultiple", "heartbeatfrequencyms", "servermonitoringmode", "localthresholdms",
        "maxadaptiveretries", "enableoverloadretargeting",
    }
)  # fmt: skip
"""Passed on to the driver."""

REFUSED: Final = {
    "loadbalanced": "give the members of the replica set, or its SRV record",
    "driver": "remove it",
    "server_api": "remove it",
}
"""End the start, with what to do instead."""

_NOT_A_URL: Final = (
    "Must be a connection string that MongoDB's driver accepts, with user and password "
    "percent-encoded and options that fit together."
)


def checked(url: str) -> str:
    """Return the URL if it is usable.

    Raises `ValueError` that names the wrong option and says what to do, without any value.
    """
    for name, value in _options(url):
        _check_option(name, value)
    if any(times > 1 for times in Counter(name.lower() for name, _ in _passed(url)).values()):
        msg = "Must have each option only once."
        raise ValueError(msg)
    _check_whole(url)
    return url


def without_own_options(url: str) -> str:
    """Return the URL without the options of `OWN`."""
    address, _, _ = url.partition("?")
    kept = "&".join(f"{name}={value}" for name, value in _passed(url))
    return f"{address}?{kept}" if kept else address


def is_direct(url: str) -> bool:
    """Return whether the URL asks for one member of a replica set, whatever its role."""
    return any(
        (name.lower(), unquote_plus(value)) == ("directconnection", "true")
        for name, value in _options(url)
    )


def _options(url: str) -> list[tuple[str, str]]:
    query = url.partition("?")[2]
    if "&" in query and ";" in query:
        raise ValueError(_NOT_A_URL)
    parts = (part.partition("=") for part in re.split("[&;]", query) if query)
    return [(name, value) for name, _, value in parts]


def _passed(url: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in _options(url) if name.lower() not in OWN]


def _check_option(name: str, value: str) -> None:
    key = name.lower()
    if key in REFUSED:
        msg = f"Must not have the option {name}: {REFUSED[key]}."
        raise ValueError(msg)
    if key not in OWN | PASSED:
        msg = f"Must have only options that docs/settings.md lists: remove {name}, or correct it."
        raise ValueError(msg)
    if key in PASSED and not _is_accepted(name, value):
        msg = f"Must have a value for the option {name} that MongoDB's driver accepts."
        raise ValueError(msg)


def _is_accepted(name: str, value: str) -> bool:
    # Of a wrong value the driver only warns, and goes on without the option: `tls=yes` would be a
    # connection in the clear.
    try:
        split_options(f"{name}={value}", validate=True, warn=False)
    except (OSError, PyMongoError, TypeError, ValueError):
        return False
    return True


def _check_whole(url: str) -> None:
    """Build a client, which connects to nothing yet."""
    try:
        with warnings.catch_warnings(action="ignore"):
            MongoClient[dict[str, object]](without_own_options(url), connect=False).close()
    except (OSError, PyMongoError, TypeError, ValueError):
        raise ValueError(_NOT_A_URL) from None
