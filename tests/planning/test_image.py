"""What the ledger keeps of several tries at one contact."""

from spotler_plugin.planning import image


def kept(properties: dict[str, str | None], permissions: dict[str, bool]) -> image.Image:
    return {"external_id": "zoe", "properties": properties, "permissions": permissions}


def test_the_oldest_values_are_kept() -> None:
    first = kept({"firstName": "Zoe"}, {"1": False})
    then = kept({"firstName": "Zoë", "city": "Delft"}, {"1": True, "2": False})
    assert image.earliest(first, then) == kept(
        {"firstName": "Zoe", "city": "Delft"}, {"1": False, "2": False}
    )


def test_the_newest_values_are_what_it_became() -> None:
    first = {"properties": {"firstName": "Zoë", "city": "Delft"}, "cleared": ["infix"]}
    then = {"properties": {"infix": "van"}, "cleared": ["city"]}
    assert image.latest(first | {"permissions": {}}, then | {"permissions": {"1": True}}) == {
        "properties": {"firstName": "Zoë", "infix": "van"},
        "cleared": ["city"],
        "permissions": {"1": True},
    }
