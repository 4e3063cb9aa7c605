"""What a screen says of something that did not go as it should."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """What happened, what it means, and what to do; any but the title may be empty."""

    title: str
    explanation: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.title.rstrip(".") + ".", self.explanation, self.remedy)))
