"""Is this file, byte for byte, one that was sealed, and by us?

No PDF is parsed here. A seal covers every byte of its file but the hexadecimal digits of its own CMS, and says within
the bytes it covers where these digits stand. So it is enough to find that place, to accept nothing else in it than a
CMS in the very form that cms.py builds, and to check the signature: then all other bytes are those the key signed, and
what a reader shows cannot have been added, hidden or moved. Anything looser accepts attacked copies.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from invoices.sealing import cms, der
from invoices.sealing.keys import Home, fingerprint, name_of
from invoices.sealing.levels import Level, level_of

_BYTE_RANGE = re.compile(rb"/ByteRange ?\[ ?0 (\d{1,10}) (\d{1,10}) (\d{1,10}) ?\]")
_DIGITS = re.compile(rb"(?:[0-9A-F]{2})+")
_SEALED_AT = re.compile(rb"/M ?\(D(?::|\\072)(\d{14})Z\)")
_CERTIFICATES = re.compile(rb"/SealCertificates ?<([0-9a-f]{64})>")
_MOST_DIGITS = 1 << 16  # of a seal; ours have some 6,000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a file turned out to be. Of a file that is not valid nothing is repeated: anyone may claim anything."""

    valid: bool  # sealed, in the form of our seals, and not one byte has changed since
    ours: bool  # valid, and by a certificate that we know
    why: str  # one sentence
    sha256: str  # of the file
    level: Level | None = None  # None unless ours
    sealed_at: dt.datetime | None = None  # UTC, by the sealer's clock
    signer: str = ""  # the certificate's name
    certificate: str = ""  # its fingerprint


def verify(pdf: bytes, *, ours: Mapping[str, Home]) -> Verdict:
    """Judge a file, whoever made it. ours: our certificates, past and present: fingerprint -> home of the key.

    A later timestamp (B-LTA) counts as a change too, until seals of that level are made here.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    try:
        place = _Place.of_whole_file(pdf)
        contents = _contents(pdf, place=place)
        certificate = contents.chain[0]
        _check_signature(contents)
        sealed_at = _sealed_at(place.dictionary)
        signer = _signer(certificate, at=sealed_at)
    except _Invalid as reason:
        return Verdict(valid=False, ours=False, why=str(reason), sha256=sha256)
    home = ours.get(fingerprint(certificate))
    known = home is not None
    return Verdict(
        valid=True,
        ours=known,
        why=f"Sealed by « {signer} » and unchanged since."
        if known
        else f"Unchanged since it was sealed, but the certificate is not ours: « {signer} ».",
        sha256=sha256,
        level=None if home is None else level_of(contents.chain, home=home),
        sealed_at=sealed_at,
        signer=signer,
        certificate=fingerprint(certificate),
    )


class _Invalid(Exception):  # noqa: N818
    """Why a file is not valid: one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the digits of the CMS stand (< and > included), and the rest of the dictionary that they belong to."""

    start: int
    end: int
    dictionary: bytes

    @classmethod
    def of_whole_file(cls, pdf: bytes) -> "_Place":
        """The place of the one seal of a file, if that seal covers the whole file. Raises _Invalid."""
        if not pdf.startswith(b"%PDF-"):
            raise _Invalid("This is not a PDF.")
        start, end, rest = _last_byte_range(pdf)
        if end + rest > len(pdf):
            raise _Invalid(f"The file is cut: its last {end + rest - len(pdf)} bytes are missing.")
        if end + rest < len(pdf):
            raise _Invalid(f"The file was changed after it was sealed: {len(pdf) - end - rest} bytes were added.")
        dictionary = pdf[max(pdf.rfind(b" obj", 0, start), 0) : start] + pdf[end:].partition(b"endobj")[0]
        return cls(start=start, end=end, dictionary=dictionary)


def _last_byte_range(pdf: bytes) -> tuple[int, int, int]:
    """The numbers of the last byte range. The words may stand in a text too, but the seal is the last thing in a file
    of ours; if the digits were moved to where such a text says, they miss where the last one says."""
    last, stands, standing = (0, 0, 0), False, 0
    for match in _BYTE_RANGE.finditer(pdf):
        start, end, _ = last = int(match[1]), int(match[2]), int(match[3])
        stands = pdf[start : start + 1] == b"<" and pdf[end - 1 : end] == b">"
        standing += stands
    if last == (0, 0, 0):
        raise _Invalid("This PDF carries no seal.")
    if not stands:
        raise _Invalid("The seal does not stand where it says: the file was rewritten after it was sealed.")
    if standing > 1:
        raise _Invalid("This PDF is signed more than once; an invoice is sealed once, and never signed again.")
    return last


def _sealed_at(dictionary: bytes) -> dt.datetime:
    match = _SEALED_AT.search(dictionary)
    try:
        return dt.datetime.strptime(match[1].decode() if match else "", "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError as error:
        raise _Invalid("The seal does not say when it was made.") from error


def _contents(pdf: bytes, *, place: _Place) -> cms.Contents:
    """What the seal says, once the file is known to be what it says it of."""
    digits = pdf[place.start + 1 : place.end - 1]
    if len(digits) > _MOST_DIGITS or not _DIGITS.fullmatch(digits):
        raise _Invalid("The seal is damaged, or is not in the form of our seals.")
    reserved = bytes.fromhex(digits.decode())
    try:
        cms_itself = der.first(reserved).whole
        contents = cms.read(cms_itself)
    except der.Malformed as error:
        raise _Invalid("The seal is damaged, or is not in the form of our seals.") from error
    if any(reserved[len(cms_itself) :]):
        raise _Invalid("Something lies beside the seal, in its place.")
    covered = hashlib.sha256(pdf[: place.start])
    covered.update(pdf[place.end :])
    if covered.digest() != contents.digest:
        raise _Invalid("The content is not what was sealed.")
    said = _CERTIFICATES.search(place.dictionary)
    if said is None or bytes.fromhex(said[1].decode()) != contents.certificates_sha256:
        raise _Invalid("The certificates in the seal are not those it was made with.")
    return contents


def _check_signature(contents: cms.Contents) -> None:
    try:
        key = contents.chain[0].public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(contents.signature, contents.to_sign, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(contents.signature, contents.to_sign, ec.ECDSA(SHA256()))
        else:
            raise _Invalid("The seal was made by a kind of key that no seal of ours has.")
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise _Invalid("The signature in the seal is not by the certificate beside it.") from error


def _signer(certificate: x509.Certificate, *, at: dt.datetime) -> str:
    """The certificate's name, if it was valid at that instant."""
    try:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise _Invalid("The certificate was not valid when the seal was made.")
        return name_of(certificate)
    except ValueError as error:
        raise _Invalid("The seal's certificate cannot be read.") from error
