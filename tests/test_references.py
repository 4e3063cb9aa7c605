"""What the repository cites is in it: documents, their numbered parts, and links between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import check_output

ROOT = Path(__file__).resolve().parent.parent

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NUMBERED = re.compile(r"^(?:#+ (?P<part>\d[\d.]*)|(?P<item>\d+)\.) ", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# "rules.md rules 1 and 2", "spotler-api.md §2.1, §12", also where a comment goes on a line below.
PART = r"[\s#*/]*(?:,|and)?[\s#*/]*(?:§\d[\d.]*|rules? \d+(?: and \d+)*)"
CITED = re.compile(rf"(?<![\w./-])([\w.][\w./-]*\.md)`*((?:{PART})*)")
# A part without its document is of one that the file names. "RFC 5849 §3.4.1" is somebody else's.
BARE = re.compile(r"(?<!\d )§(\d+(?:\.\d+)*)")


def document(name: str, citing: Path) -> Path | None:
    """The document that is meant: beside the file, or else in the root or in docs/."""
    places = [folder / name for folder in (citing.parent, ROOT, ROOT / "docs")]
    return next((place for place in places if place.is_file()), None)


def numbers(text: str) -> set[str]:
    """The numbers of a document's headings and of items below them: the fifth of part 9 is 9.5."""
    told, part = set(), ""
    for match in NUMBERED.finditer(FENCED.sub("", text)):
        part = match["part"].rstrip(".") if match["part"] else part
        told.add(f"{part}.{match['item']}" if match["item"] else part)
    return told


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def dead_citations(path: Path, text: str) -> Iterator[str]:
    """Documents, and parts of documents, that a file names and that are not there."""
    known = numbers(text) if path.suffix == ".md" else set()
    for name, parts in CITED.findall(text):
        cited = document(name, path)
        there = numbers(cited.read_text()) if cited else set()
        known |= there
        told = [part.rstrip(".") for part in re.findall(r"\d[\d.]*", parts)]
        yield from [name] if cited is None else (f"{name} {n}" for n in told if n not in there)
    yield from (f"§{part}" for part in BARE.findall(text) if part not in known)


def dead_links(path: Path, text: str) -> Iterator[str]:
    """Links of a markdown file to files or headings that are not there."""
    for target in (each for each in LINK.findall(text) if "://" not in each):
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        if not linked.exists() or (anchor and anchor not in anchors(linked.read_text())):
            yield target


def test_what_is_cited_exists() -> None:
    wrong = []
    ours = ["git", "ls-files", "-z", "--", ".", ":!spotler_plugin/static/vendor", ":!docs/images"]
    for name in check_output(ours, cwd=ROOT, text=True).split("\0"):
        if (path := ROOT / name).is_file():
            text = path.read_bytes().decode(errors="ignore")
            links = dead_links(path, text) if path.suffix == ".md" else ()
            wrong += [f"{name}: {each}" for each in (*dead_citations(path, text), *links)]
    assert not wrong, "\n".join(wrong)


def test_what_does_not_exist_is_found() -> None:
    md, part = ".md", "§"  # Apart, or this very file would cite what is not there.
    text = f"gone{md}, rules{md} rules 1 and 99; {part}0.7"
    assert [*dead_citations(ROOT / "wsgi.py", text)] == [f"gone{md}", f"rules{md} 99", f"{part}0.7"]
    assert [*dead_links(ROOT / "README.md", "[a](docs/), [b](LICENSE), [c](#d)")] == ["#d"]


# "planning/plan", "sync/advance.advance_run": a module, and what it defines. The rooms of services/
# are named without it.
CODE = re.compile(r"`([a-z_]+(?:/[a-z_]+)+)(?:\.([A-Za-z_]+))?`")
FOLDERS = ("", "spotler_plugin", "spotler_plugin/services", "spotler_plugin/static")
TELLING = ("docs/architecture.md", "docs/rules.md")


def dead_code_names(text: str) -> Iterator[str]:
    """Modules, and names in modules, that a document tells of and that are not there."""
    for module, name in CODE.findall(text):
        files = [ROOT / folder / f"{module}.py" for folder in FOLDERS]
        found = next((file for file in files if file.is_file()), None)
        whole = f"{module}.{name}" if name else module
        if found is None:
            if not any((ROOT / folder / whole).exists() for folder in FOLDERS):
                yield whole
        elif name not in ("", "py") and not re.search(rf"\b{name}\b", found.read_text()):
            yield whole


def test_what_documents_tell_of_the_code_is_there() -> None:
    wrong = [each for name in TELLING for each in dead_code_names((ROOT / name).read_text())]
    assert wrong == []
    told = "`sync/gone`, `planning/plan.plan`, `planning/plan.no_such_name`"
    assert [*dead_code_names(told)] == ["sync/gone", "planning/plan.no_such_name"]
