"""Is this file, byte for byte, one that was sealed, and by us?

No PDF is interpreted here. A seal covers every byte of its file but the hexadecimal digits of its own CMS, and says within
the bytes it covers where these digits stand. So it is enough to find that place, to accept nothing else in it than a
CMS in the very form that cms.py builds, and to check the signature: then all other bytes are those the key signed, and
what a reader shows cannot have been added, hidden or moved. What follows the seal must be, byte for byte, what
prolonging.py writes there (see later.py). Anything looser accepts attacked copies.

A timestamp proves something by its authority alone, and anyone can append one of their own making: one by an authority
that the caller does not name is a change like any other.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from invoices.sealing import cms, der, later
from invoices.sealing.chains import Chain, certificate_from, upwards
from invoices.sealing.keys import Home, fingerprint, name_of
from invoices.sealing.levels import level_of
from invoices.sealing.tokens import Timestamp
from invoices.sealing.validation_data import NotProven, Revoked, ValidationData, about, proof_for
from invoices.sealing.verdicts import Invalid, Pades, Reason, Verdict

_BYTE_RANGE = re.compile(rb"/ByteRange ?\[ ?0 (\d{1,10}) (\d{1,10}) (\d{1,10}) ?\]")
_DIGITS = re.compile(rb"(?:[0-9A-F]{2})+")
_SEALED_AT = re.compile(rb"/M ?\(D(?::|\\072)(\d{14})Z\)")
_CERTIFICATES = re.compile(rb"/SealCertificates ?<([0-9a-f]{64})>")
_MOST_DIGITS = 1 << 17  # of a seal; ours have some 6,000, and 16,000 more where a timestamp has its place
_MOST_RANGES = 1000  # in a file
_LONGEST_DICTIONARY = 2048  # bytes, of what stands behind the digits


def verify(pdf: bytes, *, ours: Mapping[str, Home], authorities: Sequence[x509.Certificate] = ()) -> Verdict:
    """Judge a file, whoever made it.

    ours: our certificates, past and present: fingerprint -> home of the key. authorities: the certificates, past and
    present, on which the timestamps of our files rest.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    try:
        seal = _seal(pdf)
        history = _history(pdf, seal=seal, authorities=tuple(authorities))
    except Invalid as invalid:
        return Verdict(reason=invalid.reason, values=invalid.values, sha256=sha256)
    certificate = seal.contents.chain[0]
    home = ours.get(fingerprint(certificate))
    return Verdict(
        reason=Reason.OTHERS if home is None else Reason.OURS,
        values={"signer": seal.signer},
        sha256=sha256,
        level=None if home is None else level_of(seal.contents.chain, home=home),
        pades=history.pades,
        sealed_at=seal.at,
        signer=seal.signer,
        certificate=fingerprint(certificate),
        timestamps=history.timestamps,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seal:
    """A seal that was found right. end: where the file ended when it was made."""

    contents: cms.Contents
    at: dt.datetime
    signer: str
    end: int


def _seal(pdf: bytes) -> _Seal:
    """The one seal of a file, and that it covers all that was there when it was made. Raises Invalid."""
    if not pdf.startswith(b"%PDF-"):
        raise Invalid(Reason.NOT_A_PDF)
    place = _Place.of(pdf)
    contents = _contents(pdf, place=place)
    _check_signature(contents)
    match = _SEALED_AT.search(place.dictionary)
    try:
        at = dt.datetime.strptime(match[1].decode() if match else "", "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError as error:
        raise Invalid(Reason.NO_TIME) from error
    return _Seal(contents=contents, at=at, signer=_signer(contents.chain[0], at=at), end=place.end + place.rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the digits of the CMS stand (< and > included), how many bytes follow, and the dictionary behind the digits."""

    start: int
    end: int
    rest: int
    dictionary: bytes

    @classmethod
    def of(cls, pdf: bytes) -> "_Place":
        """The place of the seal. Raises Invalid.

        The words of a byte range may stand in a text too; but the seal's is the last in the file as it was sealed: if
        the digits were moved to where a text says, they miss where the last one says.
        """
        said = list(islice(_BYTE_RANGE.finditer(pdf), _MOST_RANGES + 1))
        if not said:
            raise Invalid(Reason.NOT_SEALED)
        standing = [match for match in said if _stands(match)]
        if not standing or len(said) > _MOST_RANGES:
            raise Invalid(Reason.MOVED)
        seal = next((match for match in reversed(standing) if _CERTIFICATES.search(_dictionary(match))), None)
        if seal is None:
            raise Invalid(Reason.FORM)
        start, end, rest = (int(number) for number in seal.groups())
        if end + rest > len(pdf):
            raise Invalid(Reason.CUT, bytes=str(end + rest - len(pdf)))
        within = [match for match in said if match.end() <= end + rest]
        if within[-1] is not seal:
            raise Invalid(Reason.MOVED)
        if standing.index(seal):
            raise Invalid(Reason.SIGNED_AGAIN)
        return cls(start=start, end=end, rest=rest, dictionary=_dictionary(seal))


def _stands(match: re.Match[bytes]) -> bool:
    """Whether the digits are where it says, and it is what follows them."""
    pdf, start, end = match.string, int(match[1]), int(match[2])
    return match.start() == end + 1 and pdf[start : start + 1] == b"<" and pdf[end - 1 : end] == b">"


def _dictionary(match: re.Match[bytes]) -> bytes:
    return match.string[match.start() : match.end() + _LONGEST_DICTIONARY].partition(b"endobj")[0]


def _contents(pdf: bytes, *, place: _Place) -> cms.Contents:
    """What the seal says, once the file is known to be what it says it of."""
    if place.end - place.start > _MOST_DIGITS:
        raise Invalid(Reason.FORM)
    digits = pdf[place.start + 1 : place.end - 1]
    if not _DIGITS.fullmatch(digits):
        raise Invalid(Reason.FORM)
    reserved = bytes.fromhex(digits.decode())
    try:
        cms_itself = der.first(reserved).whole
        contents = cms.read(cms_itself)
    except der.Malformed as error:
        raise Invalid(Reason.FORM) from error
    if any(reserved[len(cms_itself) :]):
        raise Invalid(Reason.BESIDE)
    covered = hashlib.sha256(memoryview(pdf)[: place.start])
    covered.update(memoryview(pdf)[place.end : place.end + place.rest])
    if covered.digest() != contents.digest:
        raise Invalid(Reason.CONTENT)
    said = _CERTIFICATES.search(place.dictionary)
    if said is None or bytes.fromhex(said[1].decode()) != contents.certificates_sha256:
        raise Invalid(Reason.CERTIFICATES)
    return contents


def _check_signature(contents: cms.Contents) -> None:
    try:
        key = contents.chain[0].public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(contents.signature, contents.to_sign, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(contents.signature, contents.to_sign, ec.ECDSA(SHA256()))
        else:
            raise Invalid(Reason.KEY)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise Invalid(Reason.SIGNATURE) from error


def _signer(certificate: x509.Certificate, *, at: dt.datetime) -> str:
    """The certificate's name, if it was valid at that instant."""
    try:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise Invalid(Reason.CERTIFICATE_TIME)
        return name_of(certificate)
    except ValueError as error:
        raise Invalid(Reason.CERTIFICATE_UNREADABLE) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """What has come to the seal since."""

    pades: Pades
    timestamps: tuple[Timestamp, ...]


def _history(pdf: bytes, *, seal: _Seal, authorities: Chain) -> _History:
    """Raises Invalid."""
    contents = seal.contents
    updates = later.updates(pdf, since=seal.end, authorities=authorities) if len(pdf) > seal.end else []
    data = updates[-1].data if updates else ValidationData()
    own: tuple[Timestamp, ...] = ()
    if contents.token:
        digest = hashlib.sha256(contents.signature).digest()
        own = (later.token(contents.token, digest=digest, authorities=authorities, data=data),)
    timestamps = own + tuple(update.timestamp for update in updates if update.timestamp)
    if not timestamps and not updates:
        return _History(pades=Pades.B, timestamps=())
    chain = upwards(contents.chain[:1], among=contents.chain[1:])
    instant = timestamps[0].at if timestamps else seal.at
    _check_data(data, chains=[chain, *(one.chain for one in timestamps)])
    needed = [(chain, instant), *((one.chain, one.at) for one in timestamps[:1])]
    pades = Pades.T if timestamps else Pades.B
    if timestamps and _proven(needed, data=data):
        covered = [update.data for update in updates if update.timestamp]
        pades = Pades.LTA if covered and _proven(needed, data=covered[-1]) else Pades.LT
    return _History(pades=pades, timestamps=timestamps)


def _check_data(data: ValidationData, *, chains: Sequence[Chain]) -> None:
    """That nothing else was put there than what is about these certificates, and those that issued them. Raises Invalid."""
    try:
        among = tuple(certificate_from(one) for one in data.certificates)
        known = [about(upwards(chain, among=among), among=data) for chain in chains]
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise Invalid(Reason.STRANGE_DATA) from error
    for one in known:
        data -= one
    if data != ValidationData():
        raise Invalid(Reason.STRANGE_DATA)


def _proven(needed: Sequence[tuple[Chain, dt.datetime]], *, data: ValidationData) -> bool:
    """Whether the data prove that no certificate of these chains was revoked at these instants. Raises Invalid."""
    try:
        for chain, at in needed:
            proof_for(chain, among=data, at=at)
    except NotProven:
        return False
    except Revoked as error:
        raise Invalid(Reason.CERTIFICATE_REVOKED) from error
    return data != ValidationData()
