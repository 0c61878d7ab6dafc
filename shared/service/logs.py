"""Logs: JSON lines on stdout, coloured text on a terminal. Ids only, never personal data."""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure_logs(service: str) -> None:
    """Send all logs, those of libraries included, through structlog. Call it once at start."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stdout.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("faststream", "httpx", "pymongo", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # aiokafka logs each of its retries as an error, hundreds of them while Kafka is down. Our own
    # logs and metrics have what a person needs to know.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.contextvars.bind_contextvars(service=service)
