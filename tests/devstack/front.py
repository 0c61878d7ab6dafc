"""A front process, as `cppp up` is one: runs a stack until it is told to stop.

Its arguments are the stack's folder, then `mail` or `infrastructure`, then ports of the parts.
"""

import json
import signal
import sys
from contextlib import suppress
from pathlib import Path

from devstack.platform.stop_signals import stop_on_signals
from devstack.progress import show_download
from devstack.servers.infrastructure import infrastructure
from devstack.servers.mail_sink import mail_sink
from devstack.stack.folder import StackFolder
from devstack.stack.stack import Stack

if __name__ == "__main__":
    folder, ports = StackFolder(Path(sys.argv[1])), json.loads(sys.argv[3])
    if sys.argv[2] == "infrastructure":
        programs = infrastructure(folder, ports, show_download)
    else:
        programs = [mail_sink(folder.maildir, ports)]
    with suppress(KeyboardInterrupt), stop_on_signals(), Stack(folder, ports, programs):
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        signal.pause()
