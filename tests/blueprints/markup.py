"""What holds for all HTML that we answer; the test client checks every response with it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"])
POINTERS = ("for", "aria-describedby", "aria-labelledby", "aria-controls")


class Markup(HTMLParser):
    """Collects the elements, and notes what is opened and not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice: {names}")
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes another element")

    def count(self, *tags: str) -> int:
        return sum(tag in tags for tag, _ in self.elements)


def faults(text: str) -> list[str]:
    """What is wrong with a page or a fragment; nothing, that is."""
    markup = Markup(text)
    is_page = text.lstrip().lower().startswith("<!doctype")
    return [
        *markup.wrong,
        *(_of_page(markup) if is_page else _of_fragment(markup)),
        *_inline(markup),
        *_ids(markup),
    ]


def _of_page(markup: Markup) -> list[str]:
    lang = next(attrs.get("lang") for tag, attrs in markup.elements if tag == "html")
    wrong = [] if lang in ("nl", "en") else [f"the page's language is {lang}"]
    once = [(tag, markup.count(tag)) for tag in ("h1", "title", "main")]
    return wrong + [f"{number} × <{tag}>" for tag, number in once if number != 1]


def _of_fragment(markup: Markup) -> list[str]:
    whole = markup.count("html", "head", "body", "title", "main")
    wrong = ["a whole page inside a fragment"] if whole else []
    return wrong + (["more than one h1"] if markup.count("h1") > 1 else [])


def _inline(markup: Markup) -> list[str]:
    """The policy refuses it, so it would only seem to work."""
    wrong = []
    for tag, attrs in markup.elements:
        data = tag == "script" and attrs.get("type") == "application/json"
        if tag == "style" or (tag == "script" and not data and "src" not in attrs):
            wrong.append(f"inline <{tag}>")
        wrong += [
            f"{name} on <{tag}>"
            for name in attrs
            if name == "style" or name.startswith(("on", "hx-on"))
        ]
        wrong += [
            f"a script in {name}"
            for name, value in attrs.items()
            if value.strip().lower().startswith(("javascript:", "js:"))
        ]
    return wrong


def _ids(markup: Markup) -> list[str]:
    ids = [attrs["id"] for _, attrs in markup.elements if "id" in attrs]
    wrong = [f"id {id} twice" for id in set(ids) if ids.count(id) > 1]
    pointed = {
        id
        for _, attrs in markup.elements
        for name in POINTERS
        for id in attrs.get(name, "").split()
    }
    return wrong + [f"nothing has id {id}" for id in sorted(pointed - set(ids))]
