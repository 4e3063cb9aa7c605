"""Both languages say everything."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import time_machine
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, g

import spotler_plugin
from spotler_plugin.translation import TRANSLATIONS, exact_time, number, short_day, time_ago

PACKAGE = Path(spotler_plugin.__file__).parent
HOW = [("**.py", "python"), ("templates/**.html", "jinja2")]
PLACES = re.compile(r"%\(\w+\)s|{}")

with (TRANSLATIONS / "en/LC_MESSAGES/messages.po").open("rb") as file:
    ENGLISH = read_po(file, locale="en")


@cache
def _used() -> set[str | tuple[str, ...]]:
    return {message for _, _, message, _, _ in extract_from_dir(PACKAGE, HOW)}


def _texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """A message, or both its singular and plural."""
    return [value] if isinstance(value, str) else list(value or ())


def _is_translated(message: str | tuple[str, ...]) -> bool:
    found = ENGLISH.get(_texts(message)[0])
    return found is not None and not found.fuzzy and all(_texts(found.string) or [""])


def test_english_has_every_message() -> None:
    assert [message for message in _used() if not _is_translated(message)] == []


def test_english_has_no_message_that_is_gone() -> None:
    assert [message.id for message in ENGLISH if message.id and message.id not in _used()] == []


def test_no_translation_says_itself_twice() -> None:
    """As when a line of an older one was left behind."""
    starts = {string[:30]: string for each in ENGLISH for string in _texts(each.string)}
    assert [text for start, text in starts.items() if text.count(start) > 1 < len(start)] == []


def test_a_translation_has_the_places_of_its_message() -> None:
    for message in ENGLISH:
        for id, string in zip(_texts(message.id), _texts(message.string), strict=True):
            if id:
                assert sorted(PLACES.findall(id)) == sorted(PLACES.findall(string)), id


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nl", ["1.234", "23 nov 2026 14:05", "3 minuten geleden", "3 min gel.", "12 mei 2025"]),
        ("en", ["1,234", "23 Nov 2026 14:05", "3 minutes ago", "3 mins ago", "12 May 2025"]),
    ],
)
def test_numbers_and_times_are_the_languages_own(app: Flask, lang: str, said: list[str]) -> None:
    moment = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    with time_machine.travel(moment + timedelta(minutes=3), tick=False), app.test_request_context():
        g.lang = lang
        assert said == [
            number(1234),
            exact_time(moment),
            time_ago(moment),
            time_ago(moment, "short"),
            short_day(datetime(2025, 5, 12, tzinfo=UTC)),
        ]
        assert short_day(datetime(2026, 5, 11, 23, tzinfo=UTC)) == said[-1].rpartition(" ")[0]
