"""Ask timestamp authorities for a token (RFC 3161), one after the other until one gives it.

How often an authority may be asked, and that one which failed is left alone for a while, is counted where all processes
see it: by the caller's Turnstile.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from invoices.sealing import cms, der, tokens
from invoices.sealing.chains import Chain
from invoices.sealing.fetching import Login, NoAnswer, fetch
from invoices.sealing.tokens import Timestamp, TokenInvalid
from selfbilling.errors import Unavailable
from selfbilling.secret import Secret

LARGEST_ANSWER = 1 << 16  # bytes; tokens have some 5,000
CLOCKS_APART = dt.timedelta(minutes=5)
"""More than that between an authority's clock and ours: one of them is wrong, and a seal would be dated by it."""
_TRUE = b"\x01\x01\xff"
_GRANTED = {b"\x00", b"\x01"}  # as asked, or with modifications, which are all checked (RFC 3161 §2.4.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A timestamp authority. trusted: its root, or whichever certificate above its own the operator trusts."""

    name: str
    url: str
    trusted: Chain
    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    policy: str = ""  # the dotted identifier that its tokens must have; empty: any
    most: int | None = None  # requests in `period`; None: any number
    period: dt.timedelta = dt.timedelta(days=1)
    pause: dt.timedelta = dt.timedelta(minutes=5)  # after a failure


class Turnstile(Protocol):
    """Who may be asked now. Shared by all processes: its state is a row of the caller's, changed in a moment of its own."""

    def lets_through(self, authority: Authority) -> bool:
        """Whether one more request may go there now: neither its quota is used up nor a pause running. If so, it counts."""

    def close(self, authority: Authority, *, why: str) -> None:
        """It failed: nobody asks it again before its pause is over."""


class NoTimestamp(Unavailable):
    """No authority gave a timestamp: what each of them said."""


def timestamp(digest: bytes, *, authorities: Sequence[Authority], turnstile: Turnstile, at: dt.datetime, timeout: float) -> Timestamp:
    """A timestamp over data of that SHA-256, by the first authority that gives a right one.

    at: now, aware, by our clock. timeout: seconds for each authority, and for each wait; twice it for its whole answer.
    Raises NoTimestamp.
    """
    said = []
    for authority in authorities:
        if not turnstile.lets_through(authority):
            said.append(f"{authority.name}: not asked, its quota is used up or it failed just now")
            continue
        try:
            return _from(authority, digest=digest, at=at, timeout=timeout)
        except (NoAnswer, TokenInvalid) as error:
            said.append(f"{authority.name}: {error}")
            turnstile.close(authority, why=str(error))
    raise NoTimestamp(f"No timestamp authority gave a timestamp. {'; '.join(said) or 'None is configured'}.")


def _from(authority: Authority, *, digest: bytes, at: dt.datetime, timeout: float) -> Timestamp:
    nonce = der.encode(der.INTEGER, bytes([secrets.randbelow(0x7F) + 1]) + secrets.token_bytes(8))  # positive, 9 octets
    answer = fetch(
        authority.url,
        question=request(digest, nonce=nonce, policy=authority.policy),
        media="application/timestamp-query",
        at_most=LARGEST_ANSWER,
        timeout=timeout,
        login=Login(user=authority.user, password=authority.password),
    )
    found = tokens.read(_token(answer), digest=digest, trusted=authority.trusted)
    if found.nonce != nonce:
        raise TokenInvalid("it answers another request (nonce)")
    if authority.policy and found.policy != der.object_identifier(authority.policy):
        raise TokenInvalid("it is under another policy")
    if abs(found.at - at) > CLOCKS_APART:
        raise TokenInvalid(f"it says {found.at:%Y-%m-%d %H:%M:%S} UTC, our clock {at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}")
    return found


def request(digest: bytes, *, nonce: bytes, policy: str = "") -> bytes:
    """A TimeStampReq that wants the authority's certificates too (RFC 3161 §2.4.1). nonce: an INTEGER."""
    imprint = der.encode(der.SEQUENCE, cms.SHA256, der.encode(der.OCTET_STRING, digest))
    wanted = der.object_identifier(policy) if policy else b""
    return der.encode(der.SEQUENCE, cms.VERSION_1, imprint, wanted, nonce, _TRUE)


def _token(answer: bytes) -> bytes:
    """The token in a TimeStampResp. Raises TokenInvalid."""
    try:
        status, *token = der.only(answer, der.SEQUENCE)
        code = der.inside(status, der.SEQUENCE)[0].content
    except (der.Malformed, IndexError) as error:
        raise TokenInvalid("the answer is no timestamp") from error
    if code not in _GRANTED or len(token) != 1:
        raise TokenInvalid(f"it is refused (status {int.from_bytes(code, 'big')})")
    return token[0].whole
