"""Where a request's body ends (RFC 9112 §6); what leaves that open is refused.

werkzeug's reader of chunks knows neither extensions nor trailers, and takes as much memory as a
chunk says that it is long, though nothing of it comes.
"""

import re
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from email.message import Message
from io import BufferedIOBase

from demo.spotler.digits import whole_number
from demo.spotler.errors import ApiError, invalid_params

LONGEST = 16_000_000
"""Bytes of a body: a hundred contacts take far fewer. What Mail+ takes: spotler-api.md §6 [U]."""
_LONGEST_LINE = 8192
# The other defects are of a body that belongs to a mail.
_BROKEN = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;.*)?")


def read_body(headers: Message, stream: BufferedIOBase) -> bytes:
    """All of it; after an `ApiError` nobody knows where the next request begins."""
    if any(isinstance(each, _BROKEN) for each in headers.defects):
        raise invalid_params("A line of the head is no header")
    codings = [each.strip().lower() for each in headers.get_all("Transfer-Encoding", [])]
    lengths = set(headers.get_all("Content-Length", []))
    if not codings:
        return _exactly(stream, _length(lengths))
    if codings != ["chunked"]:
        raise invalid_params("Transfer-Encoding is chunked here, or absent")
    if lengths:
        raise invalid_params("Transfer-Encoding and Content-Length exclude each other")
    return _chunks(stream)


def _length(given: set[str]) -> int:
    if not given:
        return 0
    length = whole_number(given.pop())
    if given or length is None:
        raise invalid_params("Content-Length is not a length")
    return _bearable(length)


def _bearable(length: int) -> int:
    if length > LONGEST:
        raise ApiError(413, "INVALID_PARAMS", f"A body has at most {LONGEST} bytes")
    return length


def _exactly(stream: BufferedIOBase, length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise invalid_params("The body ends before its length")
    return found


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise invalid_params("The body ends within a chunk")
    return line.rstrip(b"\r\n")


def _chunks(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _chunk_size(_line(stream)):
        _bearable(len(body) + size)
        body += _exactly(stream, size)
        if _line(stream):
            raise invalid_params("A chunk is longer than its size")
    while _line(stream):
        continue  # Of trailers nothing is read here.
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    found = _CHUNK_SIZE.fullmatch(line)
    if not found:
        raise invalid_params("The size of a chunk is not a number")
    return int(found[1], 16)
