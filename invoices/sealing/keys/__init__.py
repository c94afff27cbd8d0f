"""Where a seal's private key lives. A new home is one file here, and one line where the operator's setting is read."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from selfbilling.errors import Unavailable


class SealKeyUnavailable(Unavailable):
    """The seal's key cannot be used as it is; the same act succeeds once the operator has mended what it says."""


class Home(StrEnum):
    """Where the private key is; only a device may make a seal qualified."""

    SOFTWARE = "software"  # a file, read into memory
    DEVICE = "device"  # a token, an HSM or a remote service: the key never leaves it


class SealKey(Protocol):
    """A key that seals; opened once per process, since opening one costs a hundred signatures."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Our certificate first, then those of its issuers that are known."""

    @property
    def home(self) -> Home:
        """Where the private key is."""

    @property
    def signature_size(self) -> int:
        """Bytes of a signature, at most; so that nothing is signed to guess it."""

    def sign(self, digests: Sequence[bytes]) -> list[bytes]:
        """Sign SHA-256 digests, in their order. Raises Unavailable."""


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate, 64 lower-case hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def name_of(certificate: x509.Certificate) -> str:
    """Whose certificate it is: its common name, else its organisation, else its whole subject; on one line."""
    names = [
        str(attribute.value)
        for kind in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(kind)
    ]
    name = (names or [certificate.subject.rfc4514_string()])[0]
    # a stranger's certificate may have a line break in it, to forge another line of ours
    return "".join(character if character.isprintable() else "�" for character in name)


def check_it_may_seal(certificate: x509.Certificate, *, at: dt.datetime) -> None:
    """Check that a certificate may seal at that instant.

    Raises SealKeyUnavailable if it is expired, not yet valid, or lacks the key usage (EN 319 412-2 §4.3.2).
    """
    who = name_of(certificate)
    if at > certificate.not_valid_after_utc:
        raise SealKeyUnavailable(
            f"The seal's certificate « {who} » expired on {certificate.not_valid_after_utc:%Y-%m-%d}: install its successor."
        )
    if at < certificate.not_valid_before_utc:
        raise SealKeyUnavailable(
            f"The seal's certificate « {who} » is valid only from {certificate.not_valid_before_utc:%Y-%m-%d} on: "
            "wait, install another one, or set this machine's clock."
        )
    check_it_is_made_for_sealing(certificate)


def check_it_is_made_for_sealing(certificate: x509.Certificate) -> None:
    """Raises SealKeyUnavailable for a certificate without a signing key usage (EN 319 412-2 §4.3.2)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        raise SealKeyUnavailable(
            f"The certificate « {name_of(certificate)} » is not made for sealing (key usage digitalSignature or nonRepudiation): "
            "install a seal's certificate."
        )
