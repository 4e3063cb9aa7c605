"""Encrypt a backup with a key of its own, which the database has encrypted in turn."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import zlib
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
"""Bytes; random for each text."""
TAG = 16
"""Bytes of AES-GCM's proof that a text is as it was."""


def new_key() -> str:
    return secrets.token_urlsafe(32)


class Seal:
    """What one backup is encrypted with, and its contacts are found by."""

    def __init__(self, backup_id: UUID, key: str) -> None:
        self._backup, self._cipher = backup_id.bytes, AESGCM(_derived(key, b"content", 32))
        self._finder = _derived(key, b"find", 64)

    def close(self, place: str, content: bytes) -> bytes:
        """Encrypt; what is moved to another place, or to another backup, cannot be read there."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, self._backup + place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt. Raises InvalidTag for what was tampered with."""
        if len(sealed) < NONCE + TAG:
            raise InvalidTag
        nonce, content = sealed[:NONCE], sealed[NONCE:]
        return self._cipher.decrypt(nonce, content, self._backup + place.encode())

    def close_json(self, place: str, value: Any) -> bytes:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.close(place, zlib.compress(text.encode(), 6))

    def open_json(self, place: str, sealed: bytes) -> Any:
        return json.loads(zlib.decompress(self.open(place, sealed)))

    def digest(self, kind: str, text: str) -> int:
        """Return what a text can be found by without telling it: 64 bits, never 0."""
        digest = hmac.digest(self._finder, f"{kind}\n{text}".encode(), "sha256")
        return int.from_bytes(digest[:8]) or 1


def _derived(key: str, purpose: bytes, size: int) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=size, person=purpose).digest()
