"""What answers of Mail+ hold, by its official description (spotler-api.md §2, §3).

Names, types, what is required, and the words that a value may be; a name that ends in a question
mark may be absent.
"""

from __future__ import annotations

import re
from typing import Any

Kind = Any
"""A type, numbers, a set of words, `[kind]` for a list, or the names and kinds of an object."""
MOMENT = (str, int)
"""Text, or on 1.1.0 milliseconds; what is described as ISO 8601 text is that on both."""
INT32 = range(-(2**31), 2**31)

ERROR_TYPES = {
    "INVALID_PARAMS", "INVALID_STATE", "NAME_ALREADY_IN_USE", "ID_NOTUNIQUE", "PRODUCT_NOTFOUND",
    "AUTH_NOT_FOUND", "NOT_AUTHORIZED", "FORM_NOT_FOUND", "CONTACT_NOT_FOUND", "CONTACT_OPTOUT",
    "CONTACT_ALREADY_EXISTS", "INVALID_PROPERTY", "BACKEND_EXCEPTION", "RESOURCE_NOT_FOUND",
    "TRIGGER_NOTFOUND", "CAMPAIGN_NOTFOUND", "ORDER_NOTFOUND", "MAILING_NOTFOUND",
    "INVALID_MAILING", "FORMRESULT_NOT_FOUND",
}  # fmt: skip
ERROR = {"errorType": ERROR_TYPES, "message?": str, "externalContactIds?": [str]}
PROPERTY = {
    "name": str,
    "description": str,
    "type": {"birthdate", "date", "dateTime", "email", "gender", "int", "mobNr", "money",
             "postcode", "set", "string"},
    "entries?": [{"bit": int, "description": str, "rank": INT32}],
}  # fmt: skip
CONTACT = {
    "externalId?": str,
    "encryptedId": str,
    "created": MOMENT,
    "lastChanged": MOMENT,
    "testGroup": bool,
    "temporary": bool,
    "properties": dict,
    "channels": [{"name": {"EMAIL", "SMS"}, "value": bool}],
}
BOUNCE = {
    "date": MOMENT,
    "type": {"HARDBOUNCE", "SOFTBOUNCE"},
    "contact": CONTACT,
    "encryptedActId?": str,
}
SAVED = {
    "externalId": str,
    "code": {"OK", "PROPERTY_INVALID", "CONTACT_ALREADY_EXISTS", "CONTACT_UNKNOWN",
             "CONTACT_OPTOUT", "NO_ACTIVE_CHANNEL", "ERROR"},
    "message?": str,
}  # fmt: skip
CAMPAIGN = {
    "encryptedId": str,
    "name": str,
    "active": bool,
    "triggers?": [{"encryptedId": str, "name": str}],
}
STARTED = {
    "result": {"OK", "TRIGGER_NOTFOUND", "CONTACT_NOTFOUND", "NOT_TRIGGERED", "UNKNOWN"},
    "automationResults?": [
        {
            "automationId": str,
            "result": {"OK", "AUTOMATION_INACTIVE", "PARTICIPATION_LIMIT_REACHED"},
            "automationContactId?": str,
        }
    ],
}
MAILING = {
    "encryptedId": str,
    "name": str,
    "scheduledStartDate": str,
    "type": {"EMAIL", "SMS"},
    "archiveLink?": str,
    "sentCount": INT32,
}
HISTORY = {
    "sentDate": str,
    "opened": bool,
    "clicked": bool,
    "bounce?": {"HARDBOUNCE", "SOFTBOUNCE"},
}
CAMPAIGN_MAILING = {"encryptedId": str, "name": str, "type": {"EMAIL", "SMS"}}
MESSAGE = {"name": str, "author": str, "subject?": str, "fromName": str, "fromEmail?": str}
LINK = {
    "id": INT32,
    "name": str,
    "url": str,
    "code?": str,
    "type?": {"twitter", "facebook", "whatsapp", "linkedin", "openhtml", "opentext", "openpdf",
              "openpdftext", "unsubscribe", "editprofile", "webshop", "conversion"},
}  # fmt: skip
DETAILS = {
    **MAILING, "sender": str, "targetGroup": str, "message": MESSAGE, "links?": [LINK],
}  # fmt: skip
COUNTS = dict.fromkeys(
    ("sentCount", "acceptedCount", "openCount", "openRenderedCount", "clickCount",
     "hardbounceCount", "softbounceCount", "notRetainedAfterBounceCount", "conversionClickCount",
     "unsubscribeCount"), INT32
)  # fmt: skip
WHO = {"contactIdentifier": {"externalId?": str, "encryptedId": str}}
OPEN = {"openDate": str}
CLICK = {"clickDate": str, "linkId": INT32}
INTERACTION = {
    "id?": INT32,
    "externalContactId?": str,
    "encryptedMailingId?": str,
    "date?": str,
    "changeDate?": str,
    "trendReportId?": INT32,
}
FORM = {
    "form": {
        "id": INT32,
        "name": str,
        "formSubType": {"normal", "subscribe", "unSubscribe", "editProfile"},
        "formState": {"draft", "proof", "final"},
    },
    "formResultId": INT32,
    "submitDate": str,
    "completed": bool,
}
LIST = {
    "externalTemporaryListId?": str,
    "name": str,
    "createdAt": MOMENT,
    "type": {"IMPORT", "RESPONSE", "API", "SPLIT"},
}
AUDIENCE = {
    "externalId": str,
    "name": str,
    "description?": str,
    "createDate?": MOMENT,
    "changeDate?": MOMENT,
    "lastContactAddedAt?": MOMENT,
    "lastContactRemovedAt?": MOMENT,
    "lastSyncDate?": MOMENT,
}


def page(name: str, item: Kind) -> Kind:
    """No list is marked as required."""
    return {"paging": {"after": INT32, "next?": str}, f"{name}?": [item]}


ANSWERS: dict[str, Kind] = {
    "GET /contact/properties/list": [PROPERTY],
    "POST /contact/list": [SAVED],
    "GET /contact/updates/list": page("contacts", CONTACT),
    "GET /contact/bounces/list": page("bounces", BOUNCE),
    "GET /contact/search": page("contacts", CONTACT),
    "GET /contact/[^/]+/mailings": page("mailingHistories", {**HISTORY, "mailing": MAILING}),
    "GET /contact/[^/]+/campaign-mailings": page(
        "campaignMailingHistories",
        {**HISTORY, "campaignMailing": CAMPAIGN_MAILING, "campaignSubscriptionId": INT32},
    ),
    "GET /contact/[^/]+": CONTACT,
    "GET /campaign/list": [CAMPAIGN],
    "GET /campaign/[^/]+/mailing": [CAMPAIGN_MAILING],
    "POST /automation/trigger/[^/]+": STARTED,
    "GET /mailing": [MAILING],
    "GET /contact/[^/]+/forms": page("formHistories", FORM),
    "GET /mailing/[^/]+": DETAILS,
    "GET /mailing/[^/]+/statistics": COUNTS,
    "GET /mailing/[^/]+/recipients": page("recipients", WHO),
    "GET /mailing/[^/]+/opens": page("opens", {**WHO, **OPEN}),
    "GET /mailing/[^/]+/opens/.+": page("opens", OPEN),
    "GET /mailing/[^/]+/clicks": page("clicks", {**WHO, **CLICK}),
    "GET /mailing/[^/]+/clicks/.+": page("clicks", CLICK),
    "GET /mailing/[^/]+/bounces": page(
        "bounces", {**WHO, "bounceDate": str, "type": {"HARDBOUNCE", "SOFTBOUNCE"}}
    ),
    "GET /mailing-interaction/(opened|clicked)": page("interactions", INTERACTION),
    "GET /mailing-interaction/sent": page(
        "interactions",
        {**INTERACTION, "name?": str, "subject?": str, "onlineVersionLink?": str},
    ),
    "GET /mailing-interaction/bounced": page(
        "interactions", {**INTERACTION, "bounceType?": {"HARD", "SOFT"}}
    ),
    "GET /trend-report": page("trendReports", dict),
    "(GET|PUT|POST) /audience(/[^/]+)?": AUDIENCE,
    "GET /templist": [LIST],
}


def differs(kind: Kind, value: Any, where: str = "") -> str | None:
    """Where a value is not of this kind; None when it is."""
    if isinstance(kind, list):
        if not isinstance(value, list):
            return f"{where}: {value!r} is no list"
        found = (differs(kind[0], each, f"{where}[{n}]") for n, each in enumerate(value))
        return next(filter(None, found), None)
    if isinstance(kind, dict):
        return _of_object(kind, value, where)
    if isinstance(kind, range):
        is_one = isinstance(value, int) and not isinstance(value, bool) and value in kind
        return None if is_one else f"{where}: {value!r} is no int32"
    if isinstance(kind, set):
        return None if value in kind else f"{where}: {value!r} is none of its words"
    is_wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
    return f"{where}: {value!r} is no {kind}" if is_wrong else None


def _of_object(kind: dict[str, Kind], value: Any, where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where}: {value!r} is no object"
    kinds = {name.rstrip("?"): each for name, each in kind.items()}
    missing = {name for name in kind if not name.endswith("?")} - value.keys()
    if missing or value.keys() - kinds.keys():
        return f"{where}: lacks {missing}, has besides {value.keys() - kinds.keys()}"
    found = (differs(kinds[name], each, f"{where}.{name}") for name, each in value.items())
    return next(filter(None, found), None)


def breach(method: str, path: str, status: int, answer: Any, *, legacy: bool) -> str | None:
    """How the answer to a call differs from the description; None where it does not."""
    call = f"{method} {path}"
    kind = next((each for call_, each in ANSWERS.items() if re.fullmatch(call_, call)), None)
    if status >= 400 and kind is not STARTED:
        return differs(ERROR, answer, call)
    if kind is None:
        return None
    if legacy and isinstance(answer, list) and isinstance(kind, dict):
        # 1.1.0 answers with the bare list.
        [kind] = [each for name, each in kind.items() if name != "paging"]
    if status >= 400 and "errorType" in answer:
        kind = ERROR
    return differs(kind, answer, call)
