"""One structured line per event: `key=value` on a terminal, JSON where LOG_FORMAT=json."""

import logging
from typing import Any

import structlog

from aigo import env

SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def line_formatter() -> logging.Formatter:
    """The formatter of all log records, those of libraries included."""
    as_json = env.choice("LOG_FORMAT", "text", accepted=("text", "json")) == "json"
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
