"""Write log events as lines, ours and those of libraries alike, each one JSON object."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, ExcInfo, Processor

# RQ logs every job, and there is one every few seconds; failures are warnings.
CHATTER = ("rq", "rq.worker", "rq.job")

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class Lines(logging.Handler):
    """Write to the current standard output and flush: a job's process exits without cleaning up."""

    is_aside = False

    def emit(self, record: logging.LogRecord) -> None:
        stream = sys.stderr if self.is_aside else sys.stdout
        try:
            stream.write(self.format(record) + "\n")
            stream.flush()
        except (OSError, ValueError):
            self.handleError(record)


@contextmanager
def aside() -> Iterator[None]:
    """Write to standard error meanwhile: what a command prints is read by people and programs."""
    Lines.is_aside = True
    try:
        yield
    finally:
        Lines.is_aside = False


def set_up(level_name: str) -> None:
    """Log everything in this process as such lines, from this level up."""
    level = logging.getLevelNamesMapping()[level_name]
    structlog.configure(
        processors=[*_SHARED, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    root = logging.getLogger()
    root.setLevel(level)
    if not any(isinstance(handler, Lines) for handler in root.handlers):
        handler = Lines()
        handler.setFormatter(formatter())
        root.addHandler(handler)
    for name in CHATTER:
        quiet = level if level == logging.DEBUG else max(level, logging.WARNING)
        logging.getLogger(name).setLevel(quiet)


def formatter() -> logging.Formatter:
    return ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            where_it_went_wrong,
            structlog.processors.JSONRenderer(),
        ],
    )


def where_it_went_wrong(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by the type and place of it and of its causes, without the messages.

    A message may quote personal data: a database driver names the address that exists already.
    """
    given: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["errors"] = [
            {"type": type(each).__qualname__, "at": _frames(each)} for each in _causes(error)
        ]
    return event


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception, then its causes."""
    seen: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in seen:
        seen.append(each)
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _frames(error: BaseException) -> list[str]:
    """Return the traceback, from where it was caught down to where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
