"""The three examples say what the code expects, also where nothing on this machine can run them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from spotler_plugin.embedding.launch_token import AUDIENCE, CLAIMS, TYPE
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.services.event.signature import HEADERS
from tests.contract.asking import DOCUMENTS
from tests.contract.examples import LANGUAGES, code

SCHEMA: dict[str, Any] = yaml.safe_load((DOCUMENTS / "crm.yaml").read_text())


def words(text: str) -> set[str]:
    """Words as the wire has them: `ReplaceKeywords` of C# is sent as `replace_keywords`."""
    found = set(re.findall(r"[\w+-]+", text))
    return found | {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", each).lower() for each in found}


def names(schema: Any) -> set[str]:
    """The names of all properties in a part of the document."""
    if isinstance(schema, list):
        return {name for each in schema for name in names(each)}
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties")
    deeper = {name for each in schema.values() for name in names(each)}
    return deeper | (set(own) if isinstance(own, dict) else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_names_what_is_on_the_wire(language: str) -> None:
    told = words(code(language))
    assert {AUDIENCE, TYPE, "HS256", *CLAIMS, "lang"} <= told
    assert {*HEADERS, "whsec_"} <= told
    assert {"ids", "after", "limit", "changed_since"} <= told
    assert names(SCHEMA) <= told
    assert {
        part for path in SCHEMA["paths"] for part in re.findall(r"[a-z][a-z-]+", path)
    } <= told | {"id"}
    assert "idempotency" in " ".join(told).lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_has_types_that_there_are(language: str) -> None:
    given = re.findall(r"""["']?type["']?\s*(?::|=>|=)\s*["'](\w+)["']""", code(language))
    assert len(given) == 7
    assert set(given) <= set(FieldType)
