"""A seal's key in a token (PKCS#11 v2.40): an HSM, a smart card, a USB key. It signs there; the key never comes out.

One session for each key and process, opened once. A session cannot be shared over a fork (PKCS#11 §2.5), so processes
are spawned. Every refusal is raised outside its `except`: the frames below it hold the PIN.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, TokenFlag, _pkcs11

from invoices.sealing.keys import Home, SealKeyUnavailable, check_it_is_made_for_sealing
from invoices.sealing.keys.certificates import (
    are_signatures,
    certificates_in,
    chain_from,
    is_signature,
    public_key,
    readable,
    signature_size,
)
from invoices.sealing.keys.pins import PinRefused, one_try
from selfbilling.errors import Unavailable
from selfbilling.secret import Secret

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 §9.2, note 1
TRIAL = bytes(range(32))  # a digest of nothing we know: signed once at opening, to find the key's certificate
WRONG_PIN = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinExpired, pkcs11.PinLocked)

SUITABLE = {KeyType.RSA, KeyType.EC}

_one_at_a_time = threading.RLock()  # modules are initialised without locks of their own
_loaded_by: dict[Path, int] = {}  # module -> process


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Which key of which token.

    module: the maker's library (.so). label: the token's. key, key_id: the private key's label and CKA_ID; one of
    them, or neither if the token has one private key. certificates: a PEM or DER file, for what the token does not hold.
    notes: a folder of this machine where a refused PIN is noted (see pins).
    """

    module: Path
    label: str
    pin: Secret
    notes: Path
    key: str = ""
    key_id: bytes = b""
    certificates: Path | None = None

    def __str__(self) -> str:
        return f"token « {self.label} »"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The private key in a session; what each signature must know of it, so that the device is not asked each time."""

    key: pkcs11.PrivateKey
    kind: KeyType
    asks_each_time: bool  # for its PIN (CKA_ALWAYS_AUTHENTICATE)


class TokenKey:
    """A SealKey in a token. A session that was lost is opened again, once."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self._process = os.getpid()
        with _one_at_a_time:
            self._opened = _open(token)
            self.home = _home(self._opened.key)
            self.chain = self._chain(_certificates(self._opened.key, token=token))
        self._public = public_key(self.chain[0])

    @property
    def signature_size(self) -> int:
        """Bytes of a signature, at most."""
        return signature_size(self._public)

    def sign(self, digests: Sequence[bytes]) -> list[bytes]:
        """Sign SHA-256 digests, in their order. Raises Unavailable."""
        if os.getpid() != self._process:
            raise RuntimeError("a token's key is opened in the process that uses it: spawn, do not fork")
        with _one_at_a_time:
            signatures = self._signed(digests)
        if not are_signatures(signatures, digests=digests, by=self._public):
            raise Unavailable(f"The {self._token} gave a signature that its own certificate does not confirm.")
        return signatures

    def _chain(self, certificates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
        """Ours is the one whose public key confirms what the key signs. Raises SealKeyUnavailable."""
        if self._opened.kind not in SUITABLE:
            raise SealKeyUnavailable(f"The key in the {self._token} does not suit a seal: RSA or elliptic is needed.")
        (trial,) = self._signed([TRIAL])
        ours = next((one for one in certificates if _is_of(one, signature=trial)), None)
        if ours is None:
            raise SealKeyUnavailable(
                f"The certificate of the key in the {self._token} is missing ({len(certificates)} others are there): "
                "write it onto the token, or name the file that has it."
            )
        check_it_is_made_for_sealing(ours)
        return chain_from(ours, others=certificates)

    def _signed(self, digests: Sequence[bytes]) -> list[bytes]:
        try:
            return self._signed_in_session(digests)
        except PKCS11Error:
            _close(self._opened)
        self._opened = _open_again(self._token)  # the session was lost, or the device is back: once
        try:
            return self._signed_in_session(digests)
        except PKCS11Error as error:
            why = _why(error)
        raise Unavailable(f"The {self._token} does not sign ({why}): see that the device is there and on.")

    def _signed_in_session(self, digests: Sequence[bytes]) -> list[bytes]:
        """Raises PKCS11Error; PinRefused, for a key that wants another PIN for each signature than at opening."""
        if not self._opened.asks_each_time:
            return [_signature(self._opened, digest) for digest in digests]
        with one_try(of=str(self._token), notes=self._token.notes):
            try:
                return [_signature(self._opened, digest, pin=self._token.pin) for digest in digests]
            except WRONG_PIN as error:
                why = _why(error)
            raise PinRefused(f"The {self._token} refused the seal's PIN ({why}) for a signature: correct it.")


def _signature(opened: _Opened, digest: bytes, *, pin: Secret | None = None) -> bytes:
    is_rsa = opened.kind == KeyType.RSA
    data, mechanism = (SHA256_DIGEST_INFO + digest, Mechanism.RSA_PKCS) if is_rsa else (digest, Mechanism.ECDSA)
    raw: bytes = opened.key.sign(data, mechanism=mechanism, pin=pin.reveal() if pin else None)  # type: ignore[attr-defined]
    if is_rsa:
        return raw
    half = len(raw) // 2  # r, then s (PKCS#11 mechanisms §2.3.1)
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))


def _is_of(certificate: x509.Certificate, *, signature: bytes) -> bool:
    """Whether that certificate's key made the trial signature."""
    try:
        key = public_key(certificate)
    except SealKeyUnavailable:
        return False
    return is_signature(signature, digest=TRIAL, by=key)


def _open_again(token: Token) -> _Opened:
    """Raises Unavailable."""
    try:
        return _open(token)
    except PinRefused:
        raise
    except Unavailable:
        _look_again(token)
    return _open(token)


def _look_again(token: Token) -> None:
    """Let the module look for its devices anew; it ends other keys' sessions too, which are then opened again."""
    try:
        _library(token).reinitialize()
        return
    except PKCS11Error as error:
        why = _why(error)
    raise Unavailable(f"The {token} does not answer ({why}): see that the device is there and on.")


def _close(opened: _Opened) -> None:
    try:
        opened.key.session.close()
    except PKCS11Error:  # it is closed
        return


def _open(token: Token) -> _Opened:
    """The private key, in a session to which the PIN was given. Raises Unavailable."""
    try:
        key = _private_key(_session(token), token=token)
        return _Opened(key=key, kind=key.key_type, asks_each_time=_is_set(key, Attribute.ALWAYS_AUTHENTICATE))
    except PKCS11Error as error:
        why = _why(error)
    raise Unavailable(f"The {token} does not answer ({why}): see that the device is there and on.")


def _session(token: Token) -> pkcs11.Session:
    with one_try(of=str(token), notes=token.notes):
        found = _found(token)
        if TokenFlag.USER_PIN_LOCKED in found.flags:
            raise SealKeyUnavailable(f"The {token} is locked after too many wrong PINs: unlock it with its administrator's PIN.")
        if TokenFlag.USER_PIN_FINAL_TRY in found.flags:
            raise SealKeyUnavailable(f"The {token} has one try left before it locks: give it its PIN once with its maker's own program.")
        try:
            return found.open(user_pin=token.pin.reveal())
        except pkcs11.UserAlreadyLoggedIn:
            return found.open()  # another key of ours in the same token: this process is let in already
        except WRONG_PIN as error:
            why = _why(error)
        raise PinRefused(f"The {token} refused the seal's PIN ({why}): correct it. It is not given again before that.")


def _library(token: Token) -> _pkcs11.lib:
    if _loaded_by.setdefault(token.module, os.getpid()) != os.getpid():
        raise RuntimeError("a PKCS#11 module is loaded in the process that uses it: spawn, do not fork")
    try:
        return pkcs11.lib(str(token.module))
    except PKCS11Error:
        pass
    raise SealKeyUnavailable(f"The PKCS#11 module {token.module} cannot be loaded: give the path of the library from the device's maker.")


def _found(token: Token) -> pkcs11.Token:
    found: list[pkcs11.Token] = list(_library(token).get_tokens())
    fitting = [one for one in found if one.label == token.label]
    if len(fitting) != 1:
        others = ", ".join(f"« {one.label} »" for one in found if one.label) or "none"
        raise SealKeyUnavailable(
            f"{len(fitting)} tokens are labelled « {token.label} » (there are: {others}): plug the seal's token in, or correct its label."
        )
    return fitting[0]


def _private_key(session: pkcs11.Session, *, token: Token) -> pkcs11.PrivateKey:
    try:
        return session.get_key(ObjectClass.PRIVATE_KEY, label=token.key or None, id=token.key_id or None)  # type: ignore[return-value]
    except pkcs11.NoSuchKey:
        problem = "has no such private key"
    except pkcs11.MultipleObjectsReturned:
        problem = "has several private keys that fit"
    raise SealKeyUnavailable(f"The {token} {problem} (label « {token.key} », id « {token.key_id.hex()} »): correct them.")


def _certificates(key: pkcs11.PrivateKey, *, token: Token) -> list[x509.Certificate]:
    """Those in the token, and those in the file."""
    objects = list(key.session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
    found = readable(bytes(one[Attribute.VALUE]) for one in objects)
    return found + (certificates_in(token.certificates) if token.certificates else [])


def _home(key: pkcs11.PrivateKey) -> Home:
    """A device only if the token says that the key could never leave it: an imported one came from a file."""
    return Home.DEVICE if _is_set(key, Attribute.NEVER_EXTRACTABLE) else Home.SOFTWARE


def _is_set(key: pkcs11.PrivateKey, attribute: Attribute) -> bool:
    try:
        return bool(key[attribute])
    except PKCS11Error:  # the token does not know it
        return False


def _why(error: PKCS11Error) -> str:
    return type(error).__name__
