"""What a mail server's refusal is about, by its codes. Pure: no I/O, no state.

The enhanced status code (RFC 3463) decides where there is one. Only what speaks of the mailbox is
final for it: mail servers tell faults of our name, sender, address and rights in reply to RCPT
too.
"""

import re
from typing import Final, Literal

from services.notify.model import RefusalOf, Rejection

Step = Literal["mail", "rcpt", "data", "end"]
"""The command that was refused; `end` is the final dot."""

MAILBOX_UNAVAILABLE: Final = "mailbox-unavailable"
MAILBOX_FULL: Final = "mailbox-full"
CONTENT_REFUSED: Final = "content-refused"
REFUSED_BY_DOMAIN: Final = "refused-by-domain"
REFUSED_BY_SERVER: Final = "refused-by-server"

_STATUS: Final = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})(?= |$)", re.MULTILINE)

# These say no more than the code: "other status" of the address, the mailbox, or anything.
_VAGUE: Final = frozenset({"", "0.0", "1.0", "2.0"})
# No such mailbox, bad syntax of its name, moved, no mail for its domain (RFC 7505), disabled.
_SUPPRESSING: Final = frozenset({"1.1", "1.3", "1.6", "1.10", "2.1"})
# No such domain, an ambiguous name, a mailing list that cannot be expanded: these can be mended.
_OF_MAILBOX: Final = _SUPPRESSING | {"1.2", "1.4", "2.4"}
_FULL: Final = "2.2"
# Too long for the mailbox or the system, and everything about media and encodings (x.6.x).
_OF_CONTENT: Final = frozenset({"2.3", "3.4"})

_TEMPORARY_CODES: Final = range(400, 500)
_FINAL_CODES: Final = range(500, 600)
_OF_MAILBOX_CODES: Final = frozenset({550, 551, 553})
_FULL_CODE: Final = 552
_NO_MAIL_FOR_DOMAIN: Final = 556  # RFC 7504


def judge(step: Step, code: int, text: str = "") -> Rejection:
    """Return what a refusal is about; `text` is the server's, without the code."""
    status = _status_of(text)
    about = _about(step, code, status)
    return Rejection(
        reason=_reason(about, code, status),
        about=about,
        answer=_answer(step, code, status),
        is_final_code=code in _FINAL_CODES,
        suppresses=about == "mailbox" and status in _SUPPRESSING,
    )


def _status_of(text: str) -> str:
    found = _STATUS.match(text)
    return found[1] if found else ""


def _answer(step: Step, code: int, status: str) -> str:
    if code < 0:  # the library's code for what is no reply at all
        return f"{step}-malformed"
    return f"{step}-{code}-{code // 100}.{status}" if status else f"{step}-{code}"


def _about(step: Step, code: int, status: str) -> RefusalOf:
    if step == "mail":  # the server has not heard of any recipient yet
        return "server"
    if status in _VAGUE:
        return _by_code(step, code)
    if code not in _FINAL_CODES:
        return "policy" if _is_of_policy(status) else "later"
    if status in _OF_MAILBOX:
        return "mailbox"
    if status == _FULL:
        return "later"
    return "content" if status in _OF_CONTENT or status.startswith("6.") else "policy"


def _by_code(step: Step, code: int) -> RefusalOf:
    """Judge a code without status: what follows DATA is about the content or about us."""
    if code in _TEMPORARY_CODES or code == _FULL_CODE:
        return "later"
    if step != "rcpt":
        return "policy"
    if code == _NO_MAIL_FOR_DOMAIN:
        return "mailbox"
    return "unclear" if code in _OF_MAILBOX_CODES else "policy"


def _is_of_policy(status: str) -> bool:
    """Return whether a temporary refusal is about our sender, the protocol or a policy."""
    return status in {"1.7", "1.8"} or status.startswith(("5.", "7."))


def _reason(about: RefusalOf, code: int, status: str) -> str:
    match about:
        case "mailbox" | "unclear":
            return MAILBOX_UNAVAILABLE
        case "content":
            return CONTENT_REFUSED
        case "policy" | "domain":
            return REFUSED_BY_DOMAIN
        case "server":
            return REFUSED_BY_SERVER
        case "later":
            full = status == _FULL or (not status and code == _FULL_CODE)
            return MAILBOX_FULL if full else f"smtp-{code}"
