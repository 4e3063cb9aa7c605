"""OAuth 1.0a, one-legged, as Mail+ uses it (spotler-api.md §1.3 and §1.4)."""

import base64
import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from werkzeug.exceptions import HTTPException, Unauthorized

from demo.spotler.digits import whole_number
from demo.spotler.errors import ApiError
from demo.spotler.request import Request
from demo.spotler.settings import Settings

CLOCK_WINDOW = 300
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


# The names of the parameters, the key and much else are the same in every call.
@lru_cache
def _encoded(text: str) -> str:
    # Bytes that are no text stay what they were: the client signed them so.
    return quote(text, safe="~", errors="surrogateescape")


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return the signature base string of RFC 5849 §3.4.1; the body is not part of it."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    host = host.lower().removesuffix(_DEFAULT_PORTS[scheme.lower()])
    address = f"{scheme.lower()}://{host}/{path}"
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in parameters)
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    # The text is encoded already: only these three characters are left to encode.
    encoded = joined.replace("%", "%25").replace("=", "%3D").replace("&", "%26")
    return f"{method.upper()}&{_encoded(address)}&{encoded}"


def signature(
    method: str, url: str, parameters: Iterable[tuple[str, str]], consumer_secret: str
) -> str:
    """HMAC-SHA1 over the base string, with an empty token secret."""
    key = f"{_encoded(consumer_secret)}&".encode()
    text = base_string(method, url, parameters).encode()
    return base64.b64encode(hmac.digest(key, text, "sha1")).decode()


def _header_parameters(header: str) -> list[tuple[str, str]]:
    # unquote leaves a raw "+" alone: two published clients send the signature unencoded (§1.3).
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return []
    pairs = (each.strip().partition("=") for each in rest.split(","))
    return [
        (name, unquote(value[1:-1], errors="surrogateescape"))
        for name, _, value in pairs
        if name not in ("", "realm") and len(value) > 1 and value[0] == value[-1] == '"'
    ]


@dataclass
class Nonces:
    """The nonces of the last five to ten minutes, in two generations."""

    current: set[tuple[str, str, str]] = field(default_factory=set)
    previous: set[tuple[str, str, str]] = field(default_factory=set)
    since: float = field(default_factory=time.monotonic)

    def fresh(self, nonce: tuple[str, str, str]) -> bool:
        """Record a nonce; return whether it is new."""
        if time.monotonic() - self.since > CLOCK_WINDOW:
            self.previous, self.current, self.since = self.current, set(), time.monotonic()
        if nonce in self.current or nonce in self.previous:
            return False
        self.current.add(nonce)
        return True


def _failure(settings: Settings, error_type: str, message: str) -> HTTPException:
    # Whether the service uses 401 or 403 is not known (§1.4), hence the switch.
    if settings.auth_failure == "text":
        return Unauthorized()
    status = 403 if settings.auth_failure == "403" else 401
    return ApiError(status, error_type, message)


def verify(
    request: Request, credentials: dict[str, str], settings: Settings, nonces: Nonces
) -> None:
    """Refuse a request that is not signed with one of the account's keys."""
    query = parse_qsl(
        request.query_string.decode("latin-1"), keep_blank_values=True, errors="surrogateescape"
    )
    in_header = _header_parameters(request.headers.get("Authorization", ""))
    given = dict(in_header) or dict(query)
    protocol = [name for name, _ in (*in_header, *query) if name.startswith("oauth_")]
    if len(set(protocol)) < len(protocol):
        # Which of the two counts nobody can say (RFC 5849 §3.1).
        raise _failure(settings, "NOT_AUTHORIZED", "An OAuth parameter is given twice")
    key = given.get("oauth_consumer_key", "")
    secret = credentials.get(key)
    if secret is None or settings.revoked:
        raise _failure(settings, "AUTH_NOT_FOUND", "Authentication not found")
    signed = [pair for pair in (*in_header, *query) if pair[0] != "oauth_signature"]
    expected = signature(request.method, request.signed_url, signed, secret)
    if (
        given.get("oauth_signature_method") != "HMAC-SHA1"
        or given.get("oauth_version", "1.0") != "1.0"
        or not hmac.compare_digest(
            expected.encode(), given.get("oauth_signature", "").encode(errors="surrogateescape")
        )
    ):
        raise _failure(settings, "NOT_AUTHORIZED", "Invalid signature")
    moment = given.get("oauth_timestamp", "")
    seconds = whole_number(moment)
    if seconds is None or (settings.check_clock and abs(time.time() - seconds) > CLOCK_WINDOW):
        raise _failure(settings, "NOT_AUTHORIZED", "Timestamp refused")
    nonce = given.get("oauth_nonce", "")
    if not nonce or (settings.check_nonce and not nonces.fresh((key, moment, nonce))):
        raise _failure(settings, "NOT_AUTHORIZED", "Nonce refused")
