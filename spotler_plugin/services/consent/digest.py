"""Keyed digests of e-mail addresses: by them an opt-out is found again without the address.

Whoever has the database but not its keys cannot try addresses against them, and the same address
has another digest in each environment.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable

from spotler_plugin.models import ConsentSetting
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.consent.setting import ensure_setting, find_setting


def digests_of(environment_id: int, addresses: Iterable[str]) -> dict[str, str]:
    """Return address to its digest, of those that are one; 64 characters.

    How it is written makes no difference: two that reach one mailbox have one digest.
    """
    return _digests(ensure_setting(environment_id), set(addresses))


def known_digests(environment_id: int, addresses: Iterable[str]) -> dict[str, str]:
    """Return the same, and nothing while nothing was digested yet; for who only reads."""
    given = set(addresses)
    setting = find_setting(environment_id) if given else None
    return _digests(setting, given) if setting is not None else {}


def _digests(setting: ConsentSetting, addresses: Collection[str]) -> dict[str, str]:
    key = setting.address_key.encode()
    known = {each: address_key(each) for each in addresses}
    return {each: _digest(key, bare) for each, bare in known.items() if bare}


def _digest(key: bytes, address: str) -> str:
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()
