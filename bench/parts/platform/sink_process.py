"""The mail sink as a process of its own, so that its processor time is seen.

`python -m bench.parts.platform.sink_process FILE` writes its port on the first line of the file,
and then a line for every mail: the epoch time of its arrival, and its recipient.
"""

import sys
import time
from pathlib import Path
from typing import Final

from bench.parts.mail_sink import mail_sink

_WRITE_SECONDS: Final = 0.05


def main(file: Path) -> None:
    """Run until the process is ended."""
    to_epoch = time.time() - time.monotonic()
    with mail_sink() as sink, file.open("w") as lines:
        lines.write(f"{sink.port}\n")
        written = 0
        while True:
            lines.flush()
            time.sleep(_WRITE_SECONDS)
            new = sink.arrivals[written:]
            lines.writelines(f"{at + to_epoch:.4f} {recipient}\n" for at, recipient in new)
            written += len(new)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
