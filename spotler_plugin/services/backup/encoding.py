"""How the bytes of a file are text."""

from __future__ import annotations

import codecs


class Encoding:
    """How a file's bytes are text: as it says itself, else UTF-8 where all of it is, else as the
    Dutch Windows writes."""

    def __init__(self) -> None:
        self._marked: str | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._first = True

    def see(self, content: bytes) -> None:
        if self._first:
            self._first = False
            self._marked = _marked(content)
            self._decoder = None if self._marked else codecs.getincrementaldecoder("utf-8")()
        if self._decoder is not None:
            try:
                self._decoder.decode(content)
            except UnicodeDecodeError:
                self._decoder, self._marked = None, "cp1252"

    def found(self) -> str:
        return self._marked or "utf-8-sig"


def _marked(content: bytes) -> str | None:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    # Without a mark, letters of UTF-16 still have a NUL beside each.
    if content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" else None
