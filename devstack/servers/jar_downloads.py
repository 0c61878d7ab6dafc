"""Downloads jars by their Maven coordinates, several at once, with visible progress."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver

from devstack.errors import StackError
from devstack.servers.jar_lock import Jar, sha256_of

_AT_ONCE = 6
_ATTEMPTS = 3
_TIMEOUT_SECONDS = 10

_ShowFile = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


def download(jars: Sequence[Jar], folder: Path, on_bytes: Callable[[int], None]) -> None:
    """Download `jars` into `folder`; each appears there only complete and verified.

    If it is interrupted, completed jars stay.

    Raises `StackError` if a jar cannot be downloaded, or has another checksum.
    """
    stop = threading.Event()
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        fetch = _Fetch(folder, on_bytes, stop)
        for each in as_completed([pool.submit(fetch, jar) for jar in jars]):
            _result(each)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


class _StoppedError(Exception):
    """Another download has failed, or the user has interrupted."""


class _Fetch:
    """Fetches one jar per call."""

    def __init__(
        self, folder: Path, on_bytes: Callable[[int], None], stop: threading.Event
    ) -> None:
        self._folder = folder
        self._on_bytes = on_bytes
        self._stop = stop

    def __call__(self, jar: Jar) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._fetch(jar)
            except (requests.RequestException, _MismatchError):
                if attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _fetch(self, jar: Jar) -> None:
        part = _fetch_part(jar, self._folder / "partial", self._progress)
        if sha256_of(part) != jar.sha256:
            part.unlink()
            raise _MismatchError(jar.coordinate)
        part.replace(self._folder / jar.file_name)

    @contextmanager
    def _progress(self, _file_name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        yield self._advance

    def _advance(self, count: int) -> None:
        if self._stop.is_set():
            raise _StoppedError
        self._on_bytes(count)


class _MismatchError(Exception):
    """The downloaded file has another checksum than the lock file."""


def _fetch_part(jar: Jar, partial: Path, progress: _ShowFile) -> Path:
    """Download into `partial`, replacing what an earlier attempt left there."""
    context = MavenContext(
        repo_cache=partial,
        remote_repos=_repositories(),
        resolver=PythonResolver(progress_callback=progress),
        timeout=_TIMEOUT_SECONDS,
    )
    artifact = context.create_dependency(jar.coordinate).artifact
    leftover = artifact.cached_path
    if leftover is not None:
        leftover.unlink(missing_ok=True)
    downloaded = context.resolver.download(artifact)
    assert downloaded is not None  # None is for resolvers that do not download
    return downloaded


def _repositories() -> dict[str, str]:
    """Return the repositories; the user's jgo settings may replace `central` or add a mirror."""
    return {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}


def _result(done: Future[None]) -> None:
    """Turn an error into a `StackError` with advice."""
    try:
        done.result()
    except requests.exceptions.SSLError as error:
        msg = (
            "Cannot download Kafka: the certificate of the server is not trusted. Behind a proxy "
            "with its own certificate, set REQUESTS_CA_BUNDLE to a file with that certificate."
        )
        raise StackError(msg) from error
    except requests.RequestException as error:
        msg = (
            f"Cannot download Kafka ({type(error).__name__}): check the network connection "
            "(and proxy settings), then run the same command again to resume."
        )
        raise StackError(msg) from error
    except _MismatchError as error:
        msg = (
            f"{error} was downloaded but does not match its checksum in kafka-jars.lock: "
            "it was altered on the way. It was not used."
        )
        raise StackError(msg) from error
    except RuntimeError as error:
        msg = f"Kafka cannot be downloaded: {str(error).splitlines()[0]}"
        raise StackError(msg) from error
