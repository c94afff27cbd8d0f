"""Which key seals now: those of the settings, opened where they live; one that is revoked or has ended seals nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from invoices.models import Pades
from invoices.sealing.keys import SealKey, fingerprint
from invoices.sealing.keys.csc import Credential, RemoteKey
from invoices.sealing.keys.opening import Demo, KeyFile, Place, open_key, the_one_to_seal_with
from invoices.sealing.keys.pkcs11 import Token
from invoices.sealing.revocation import Cache, CertificateRevoked, validation_data

PROVEN_UNREVOKED = (Pades.LT, Pades.LTA)
"""The levels whose files carry the proof that no certificate was revoked."""
KNOWN: Cache = {}
"""What OCSP and lists said, to this process, while it is fresh."""
_HOMES: Mapping[str, type[KeyFile | Token | Credential]] = {"pkcs12": KeyFile, "pkcs11": Token, "csc": Credential}


def places() -> list[Place]:
    """Where the keys live: the current one's, its successor's; the demo's if there is none."""
    named = [_place(said) for said in settings.SEAL_KEYS if said]
    return named or [Demo(folder=settings.DATA_DIR / "demo-certificate")]


def _place(said: Mapping[str, Any]) -> Place:
    return _HOMES[said["home"]](**{name: value for name, value in said.items() if name != "home"})


def opened() -> Iterator[SealKey]:
    """The keys in their order, each opened when it is its turn. Raises SealKeyUnavailable, Unavailable."""
    return (open_key(place) for place in places())


def seal_key() -> SealKey:
    """The key that seals now: the first whose certificate may.

    Where the level wants to prove it, whether it is revoked is looked up first, over the network: outside of any
    transaction that holds a row. Raises SealKeyUnavailable; Unavailable if a device, a provider or a responder does not answer.
    """
    revoked: set[str] = set()
    while True:
        at = timezone.now()
        key = the_one_to_seal_with(opened(), at=at, revoked=revoked)
        if settings.SEAL_LEVEL not in PROVEN_UNREVOKED:
            return key
        try:
            validation_data(key.chain, cache=KNOWN, at=at, timeout=settings.TIMESTAMP_TIMEOUT)
        except CertificateRevoked:
            revoked.add(fingerprint(key.chain[0]))
            continue
        return key


def is_elsewhere(key: SealKey) -> bool:
    """Whether it signs behind a network: then nothing may be locked while it does."""
    return isinstance(key, RemoteKey)
