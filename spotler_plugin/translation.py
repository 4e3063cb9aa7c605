"""The languages of the screens: Dutch in the code itself, English from `translations/en`.

A message is its own Dutch text: `_("Opgeslagen.")`, with named values: `_("%(n)s dagen", n=…)`.
In a template every message is a format, so a bare percent sign is written `%%` there.
"""

from __future__ import annotations

import gettext as catalogues
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, cast

from babel.dates import format_date, format_datetime, format_timedelta, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import LazyProxy
from flask import Flask, g, has_request_context, request

LANGUAGES = ("nl", "en")
SOURCE = "nl"
LOCALES = {"nl": "nl_NL", "en": "en_GB"}
TIME_ZONE = get_timezone("Europe/Amsterdam")

TRANSLATIONS = Path(__file__).parent / "translations"
_catalogues = {SOURCE: catalogues.NullTranslations()}


def init_app(app: Flask) -> None:
    for lang in LANGUAGES:
        if lang != SOURCE:
            _catalogues[lang] = compiled(TRANSLATIONS / lang / "LC_MESSAGES" / "messages.po")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env  # The extension adds the method below.
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)
    for written in (number, exact_time, time_of, time_ago, short_day, about):
        app.add_template_filter(written)
    app.context_processor(lambda: {"lang": language()})


def compiled(path: Path) -> catalogues.NullTranslations:
    """Compile a catalogue from its .po file, in memory."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    machine = BytesIO()
    write_mo(machine, catalogue)
    machine.seek(0)
    return catalogues.GNUTranslations(machine)


def language() -> str:
    """Return the session's language, or else that of the launch token or the browser."""
    if not has_request_context():
        return SOURCE
    session = g.get("session")
    if session:
        return str(session.lang)
    return str(g.get("lang") or request.accept_languages.best_match(LANGUAGES, SOURCE))


def gettext(message: str, /, **values: object) -> str:
    text = _catalogues[language()].gettext(message)
    return text % values if values else text


def lazy_gettext(message: str, /, **values: object) -> str:
    """Looked up each time it is shown: for words that are defined before there is a request."""
    return cast(str, LazyProxy(gettext, message, enable_cache=False, **values))


def ngettext(singular: str, plural: str, /, n: int, **values: object) -> str:
    text = _catalogues[language()].ngettext(singular, plural, n)
    return text % {"n": n, "num": n, **values} if values else text


def number(value: float) -> str:
    """Format a number: 1.234 in Dutch, 1,234 in English."""
    return format_decimal(value, locale=LOCALES[language()])


def amount(value: Decimal) -> str:
    """Format an amount of money: 163.000,00 in Dutch, 163,000.00 in English."""
    return format_decimal(value, "#,##0.00", LOCALES[language()])


def exact_time(moment: datetime) -> str:
    """Format a moment as 23 nov 2026 14:05, in Dutch time."""
    return format_datetime(moment, "d MMM y HH:mm", TIME_ZONE, LOCALES[language()])


def time_ago(moment: datetime, form: Literal["long", "short"] = "long") -> str:
    """Format the time passed: 3 minuten geleden, or 3 min gel. for the short form."""
    passed = datetime.now(UTC) - moment
    if passed < timedelta(minutes=1):
        return gettext("zojuist")
    locale = LOCALES[language()]
    if form == "short":
        return gettext("%(time)s gel.", time=format_timedelta(passed, format=form, locale=locale))
    return format_timedelta(-passed, add_direction=True, locale=locale)


def time_of(moment: datetime) -> str:
    """Format a moment that is near: 14:05, or with its day where that is not today."""
    local = moment.astimezone(TIME_ZONE)
    if local.date() != datetime.now(TIME_ZONE).date():
        return exact_time(moment)
    return format_datetime(moment, "HH:mm", TIME_ZONE, LOCALES[language()])


def about(seconds: float) -> str:
    """Format a rough duration: ongeveer 3 minuten, ongeveer 40 seconden."""
    if seconds < 5:
        return gettext("een paar seconden")
    rounded = timedelta(seconds=max(5, round(seconds / 5) * 5))
    said = format_timedelta(rounded, threshold=1.5, locale=LOCALES[language()])
    return gettext("ongeveer %(time)s", time=said)


def day(moment: datetime) -> str:
    """Format a date with its year: 12 mei 1961."""
    return format_date(moment.astimezone(TIME_ZONE), "d MMM y", LOCALES[language()])


def short_day(moment: datetime) -> str:
    """Format a date: 12 mei, with the year when it is not this year."""
    local = moment.astimezone(TIME_ZONE)
    this_year = local.year == datetime.now(TIME_ZONE).year
    return format_date(local, "d MMM" if this_year else "d MMM y", LOCALES[language()])
