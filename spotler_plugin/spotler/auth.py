"""Signing: OAuth 1.0a, one-legged, HMAC-SHA1 in a header (spotler-api.md §1.3)."""

from __future__ import annotations

import logging

from requests_oauthlib import OAuth1

# At level DEBUG both write bodies, signature base strings and headers into the log.
for name in ("oauthlib", "requests_oauthlib"):
    logging.getLogger(name).setLevel(logging.WARNING)


def signer(key: str, secret: str) -> OAuth1:
    """Return the object that signs each request anew, with its own nonce and timestamp.

    The query is signed, a JSON body is not, and there is no `oauth_body_hash`: no client that
    works sends one [C].
    """
    return OAuth1(key, client_secret=secret)
