"""Refusals over all mails: whom the server refuses, and whether to stop sending.

One domain that refuses us is that domain's affair. The same answer to recipients of several domains
is about us: nothing counts as failed and the service says so. When nearly everything is refused,
sending stops; one mail at a time is sent as a probe until the server accepts one.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import structlog

from services.notify.delivery.waits import first_of
from services.notify.model import RefusalOf, Rejection
from services.notify.smtp.refusals import REFUSED_BY_SERVER
from shared.errors import AbandonedError

log = structlog.get_logger()

NEARLY_ALL_REFUSED: Final = "nearly-all-refused"
_WINDOW: Final = 100
_LEAST: Final = 20  # so many attempts at least, before a share of them means anything
_SHARE: Final = 0.9
_SEVERAL: Final = 2
_MOST_ANSWERS: Final = 100
_FORGOTTEN_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class BreakerTuning:
    """When sending stops, and how it goes on.

    It stops after `in_a_row` refusals without an accepted mail, not counting the domain that
    refuses most. Probes follow after waits that double from the first to the longest. The service
    is degraded for `shown_seconds` after the server last refused us.
    """

    in_a_row: int = 10
    first_probe_seconds: float = 1.0
    longest_probe_seconds: float = 30.0
    shown_seconds: float = 600.0


class Breaker:
    """Judges refusals by those of other mails, and holds back sending while nearly all are."""

    def __init__(
        self,
        tuning: BreakerTuning,
        on_change: Callable[[bool], None] = lambda _is_open: None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._tuning = tuning
        self._on_change = on_change
        self._clock = clock or _loop_time
        self._met: dict[str, dict[str, float]] = {}  # answer -> domain -> when
        self._refused_us_at: dict[str, float] = {}  # answer -> when
        self._run: Counter[str] = Counter()  # refusals by domain since the last accepted mail
        self._recent: deque[tuple[str, bool]] = deque(maxlen=_WINDOW)
        self._open_because = ""
        self._changed = asyncio.Event()
        self._probing = False
        self._probe_after = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether sending is stopped."""
        return bool(self._open_because)

    @property
    def reason(self) -> str:
        """Return why the server is not usable: the answer it gives, or "" if it is."""
        since = self._clock() - self._tuning.shown_seconds
        shown = [each for each, at in self._refused_us_at.items() if at > since]
        return self._open_because or (shown[-1] if shown else "")

    def accepted(self, domain: str, *, is_probe: bool = False) -> None:
        """Record an accepted mail; that of a probe ends a stop.

        While sending is stopped, only a probe counts: the others were under way before, and a
        server that takes one mail of many would end each stop with one of these.
        """
        if self.is_open and not is_probe:
            return
        self._run.clear()
        self._recent.append((domain, False))
        for answer, domains in self._met.items():
            domains.pop(domain, None)
            if len(domains) < _SEVERAL:
                self._refused_us_at.pop(answer, None)
        if self._open_because:
            self._close()

    def judge(self, rejection: Rejection, domain: str) -> Rejection:
        """Return what a refusal is about in the light of the others."""
        judged = self._judged(rejection, domain)
        if rejection.about == "server":
            self._open(rejection.answer)
        elif rejection.is_final_code and rejection.about != "later":
            self._run[domain] += 1
            self._recent.append((domain, True))
            if not self._open_because and self._is_nearly_everything_refused():
                self._open(rejection.answer if judged.about == "server" else NEARLY_ALL_REFUSED)
        return judged

    async def pass_through(self, closing: asyncio.Event) -> bool:
        """Wait while sending is stopped; return whether the next mail is a probe.

        Raises `AbandonedError` when `closing` is set. A probe ends with `end_probe`.
        """
        while self._open_because and not closing.is_set():
            if not self._probing:
                self._probing = True
                await self._wait_to_probe(closing)
                if self._open_because and not closing.is_set():
                    return True
                self.end_probe()
            else:
                self._changed.clear()
                await first_of(self._changed, closing)
        if closing.is_set():
            raise AbandonedError
        return False

    def end_probe(self) -> None:
        """Let the next probe begin, later than this one."""
        self._probing = False
        self._probe_after = min(2 * self._probe_after, self._tuning.longest_probe_seconds)
        self._changed.set()

    def _judged(self, rejection: Rejection, domain: str) -> Rejection:
        if rejection.about == "policy":
            met = self._meet(rejection.answer, domain)
            about: RefusalOf = "server" if len(met) >= _SEVERAL else "domain"
        elif rejection.about == "unclear":
            met = self._meet(rejection.answer, domain)
            # Other mails are accepted: then these two mailboxes do not exist.
            unaccepted = [each for each in met if self._run[each] or each == domain]
            about = "server" if len(unaccepted) >= _SEVERAL else "mailbox"
        else:
            return rejection
        if about != "server":
            return replace(rejection, about=about)
        self._refused_us_at.pop(rejection.answer, None)  # the latest comes last
        self._refused_us_at[rejection.answer] = self._clock()
        return replace(rejection, about=about, reason=REFUSED_BY_SERVER)

    def _meet(self, answer: str, domain: str) -> dict[str, float]:
        """Return the domains whose recipients have met an answer, this one included."""
        now = self._clock()
        met = self._met.pop(answer, {})
        self._met[answer] = {
            **{each: at for each, at in met.items() if at > now - _FORGOTTEN_SECONDS},
            domain: now,
        }
        if len(self._met) > _MOST_ANSWERS:
            del self._met[next(iter(self._met))]
        return self._met[answer]

    def _is_nearly_everything_refused(self) -> bool:
        run = self._run.values()
        if sum(run) - max(run) >= self._tuning.in_a_row:
            return True
        refused = Counter(domain for domain, was_refused in self._recent if was_refused)
        [(worst, _)] = refused.most_common(1)
        others = [was_refused for domain, was_refused in self._recent if domain != worst]
        return len(others) >= _LEAST and sum(others) > _SHARE * len(others)

    def _open(self, because: str) -> None:
        if self._open_because:
            return
        self._open_because = because
        self._probe_after = self._tuning.first_probe_seconds
        # Log: The mail server refuses us, not a mailbox, or refuses nearly all mails: nothing is
        # sent until it accepts again. See docs/runbooks/mails.md.
        log.error("mail_server.refuses", answer=because)
        self._on_change(True)  # noqa: FBT003

    def _close(self) -> None:
        self._open_because = ""
        self._met.clear()
        self._refused_us_at.clear()
        self._recent.clear()
        self._changed.set()
        # Log: The mail server accepts mails again.
        log.info("mail_server.accepts")
        self._on_change(False)  # noqa: FBT003

    async def _wait_to_probe(self, closing: asyncio.Event) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._probe_after):
                await first_of(self._changed, closing)


def domain_of(address: str) -> str:
    """Return the domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
