"""What the ledger keeps of several tries at one contact."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.image import Image, earliest, latest

names = st.sampled_from(["firstName", "infix", "city"])
images = st.builds(
    Image,
    existed=st.booleans(),
    external_id=st.none() | st.just("zoe"),
    properties=st.dictionaries(names, st.none() | st.text(max_size=5)),
    permissions=st.dictionaries(st.sampled_from([1, 2, 2**40]), st.booleans()),
    cleared=st.frozensets(names),
)


def kept(properties: dict[str, Any], permissions: dict[int, bool]) -> Image:
    return Image(external_id="zoe", properties=properties, permissions=permissions)


def test_the_oldest_values_are_kept() -> None:
    first = kept({"firstName": "Zoe"}, {1: False})
    then = kept({"firstName": "Zoë", "city": "Delft"}, {1: True, 2: False})
    assert earliest(first, then) == kept(
        {"firstName": "Zoe", "city": "Delft"}, {1: False, 2: False}
    )


def test_the_newest_values_are_what_it_became() -> None:
    first = Image(properties={"firstName": "Zoë", "city": "Delft"}, cleared=frozenset({"infix"}))
    then = Image(properties={"infix": "van"}, permissions={1: True}, cleared=frozenset({"city"}))
    assert latest(first, then) == Image(
        properties={"firstName": "Zoë", "infix": "van"},
        permissions={1: True},
        cleared=frozenset({"city"}),
    )


@given(images)
def test_it_comes_back_from_the_ledger_as_it_was(image: Image) -> None:
    assert Image.from_json(image.to_json()) == image
