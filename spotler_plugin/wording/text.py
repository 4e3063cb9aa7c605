"""What a screen says about something: a title, an explanation, a remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spotler_plugin.planning.reason import Reason


@dataclass(frozen=True, slots=True)
class Text:
    """What happened, what it means, and what to do; any but the title may be empty."""

    title: str
    explanation: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.title.rstrip(".") + ".", self.explanation, self.remedy)))


Words = dict[Reason, Callable[[], Text]]
"""Texts by reason; made when they are shown, because the language is the session's."""
