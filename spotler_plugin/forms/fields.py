"""A text that was pasted, without what came along around it."""

from __future__ import annotations


def pasted(value: str | None) -> str:
    """Without blanks, line ends and invisible characters at both ends."""
    return (value or "").strip(" \t\r\n\v\f\x00\u00a0\u200b\u200c\u200d\u2060\ufeff")
