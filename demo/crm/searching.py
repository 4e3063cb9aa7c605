"""Search that ignores accents and case."""

import unicodedata


def folded(text: str) -> str:
    """Lower case without accents, so that "Zoe" finds "Zoë"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def pattern(query: str) -> str:
    """Return a search text as a LIKE pattern in which every character is literal."""
    literal = folded(query.strip())
    for sign in ("\\", "%", "_"):
        literal = literal.replace(sign, "\\" + sign)
    return f"%{literal}%"
