"""Starts notify with faults of its own: `python -m tests.end_to_end.unlucky_notify`.

It cannot compose a mail to anybody with `unrendered` in the address, nor handle the contact of
anybody with `unprocessable` in it. The errors have personal data in their texts, as such errors do.
"""

import runpy
from typing import Any

from services.notify import handlers
from services.notify.mails.message import Composer


def main() -> None:
    """Wrap the functions, and start the service."""
    compose, propose = Composer.compose, handlers.propose

    def composing(self: Composer, notification: Any, recipient: Any) -> Any:
        if "unrendered" in recipient.email:
            msg = f"no template for {recipient}"
            raise LookupError(msg)
        return compose(self, notification, recipient)

    def proposing(event: Any) -> Any:
        if b"unprocessable" in event.value:
            raise ValueError(event.value)
        return propose(event)

    Composer.compose = composing  # type: ignore[method-assign]
    handlers.propose = proposing
    runpy.run_module("services.notify", run_name="__main__")


if __name__ == "__main__":
    main()
