"""What a screen says about something: a title, an explanation, a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason

_RAW = re.compile(
    r"[a-z][a-z0-9]*[A-Z]"  # propertyName
    r"|[A-Z]{2,}_[A-Z]"  # ERROR_TYPE
    r"|\b[a-z]+_[a-z_]+\b(?!\S*@)"  # field_name, and no address
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"  # 2026-11-23
    r"|[{}]|://"
)


def sentence(words: str) -> str:
    """Words with one full stop, unless they end otherwise."""
    return words if not words or words[-1] in ".…!?:" else f"{words}."


@dataclass(frozen=True, slots=True)
class Text:
    """What happened, what it means, and what to do; any but the title may be empty."""

    title: str
    explanation: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        parts = (self.title, self.explanation, self.remedy)
        return " ".join(map(sentence, filter(None, parts)))


def quotable(message: str) -> str:
    """What another system said, where people have words for all of it; the rest is technical."""
    return "" if _RAW.search(message) else message


def technical(detail: Detail) -> str:
    """The other system's code, and its message where no sentence quotes it: for the details."""
    message = "" if quotable(detail.message) else detail.message
    return ": ".join(filter(None, (detail.code, message)))


Words = dict[Reason, Callable[[], Text]]
"""Texts by reason; made when they are shown, because the language is the session's."""
