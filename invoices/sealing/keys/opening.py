"""Which key seals: each home of a key opened by its own file, and the choice where a certificate and its successor overlap."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from invoices.sealing.keys import SealKey, SealKeyUnavailable, check_it_may_seal, demo, fingerprint, name_of
from invoices.sealing.keys.csc import Credential, RemoteKey
from invoices.sealing.keys.pkcs11 import Token, TokenKey
from invoices.sealing.keys.pkcs12 import open_pkcs12
from selfbilling.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demonstration's key, made in that folder if there is none."""

    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A PKCS#12 file. password: empty for a file without one."""

    file: Path
    password: Secret


Place = Demo | KeyFile | Token | Credential


@cache
def open_key(place: Place) -> SealKey:
    """The key that lives there, opened once per process. A new home is one file, and one line here.

    Raises SealKeyUnavailable, which says what to mend; Unavailable, if a device or a provider does not answer.
    """
    match place:
        case Demo():
            return demo.load_or_make(place.folder)
        case KeyFile():
            return open_pkcs12(place.file, password=place.password.reveal())
        case Token():
            return TokenKey(place)
        case Credential():
            return RemoteKey(place)


def the_one_to_seal_with(keys: Iterable[SealKey], *, at: dt.datetime, revoked: Collection[str] = ()) -> SealKey:
    """The first of them whose certificate may seal at that instant. revoked: fingerprints of those known to be.

    The order is the operator's: the current one, then its successor, which takes over in the second in which the current
    one ends, or is revoked. The one that ends last would not do: a successor of a lesser level, or one that relays'
    software does not know yet, would take over by itself on the day it is installed.
    Raises SealKeyUnavailable with what is wrong with each.
    """
    reasons = []
    for key in keys:
        ours = key.chain[0]
        try:
            check_it_may_seal(ours, at=at)
        except SealKeyUnavailable as reason:
            reasons.append(str(reason))
            continue
        if fingerprint(ours) not in revoked:
            return key
        reasons.append(f"The seal's certificate « {name_of(ours)} » is revoked: install another one.")
    raise SealKeyUnavailable(" ".join(reasons) or "No key to seal with is configured.")
