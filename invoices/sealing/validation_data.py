"""That a certificate was not revoked: OCSP answers (RFC 6960) and lists (RFC 5280 §5), read and believed offline.

What is kept of an answer is what its responder signed, and the responder's certificate: nothing else can hide in it.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from invoices.sealing import der
from invoices.sealing.chains import Chain, certificate_from, issued
from invoices.sealing.keys import name_of

CLOCKS_APART = dt.timedelta(minutes=5)
WITHOUT_AN_END = dt.timedelta(days=1)
"""How long a statement holds that does not say when the next one comes (nextUpdate)."""
NO_REVOCATION_AVAILABLE = x509.ObjectIdentifier("2.5.29.56")  # RFC 9608
_BASIC = der.object_identifier("1.3.6.1.5.5.7.48.1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationData:
    """What a sealed file carries so that its seal can be judged offline, later; all in DER, in the order of need."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __or__(self, other: "ValidationData") -> "ValidationData":
        """Both, nothing twice."""
        return ValidationData(
            certificates=tuple(dict.fromkeys(self.certificates + other.certificates)),
            ocsps=tuple(dict.fromkeys(self.ocsps + other.ocsps)),
            crls=tuple(dict.fromkeys(self.crls + other.crls)),
        )

    def __sub__(self, other: "ValidationData") -> "ValidationData":
        """What is not in the other."""
        return ValidationData(
            certificates=tuple(one for one in self.certificates if one not in other.certificates),
            ocsps=tuple(one for one in self.ocsps if one not in other.ocsps),
            crls=tuple(one for one in self.crls if one not in other.crls),
        )


class NotProven(ValueError):  # noqa: N818
    """A statement, or all there are, do not prove that a certificate was good; one phrase says why."""


class Revoked(ValueError):  # noqa: N818
    """A certificate is revoked."""

    def __init__(self, certificate: x509.Certificate, *, since: dt.datetime) -> None:
        super().__init__(f"« {name_of(certificate)} » is revoked since {since:%Y-%m-%d}")
        self.since = since


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was said of a certificate. encoded: in the form that is kept; responder: who said it, if not the issuer."""

    encoded: bytes
    since: dt.datetime
    until: dt.datetime
    revoked: dt.datetime | None = None
    responder: x509.Certificate | None = None
    listed: bool = False  # in a revocation list


def proof_for(chain: Chain, *, among: ValidationData, at: dt.datetime) -> ValidationData:
    """The part of these data that proves no certificate of a chain revoked at that instant, its last one being trusted.

    Raises Revoked, NotProven.
    """
    proof = ValidationData(certificates=tuple(one.public_bytes(Encoding.DER) for one in chain))
    for certificate, issuer in pairwise(chain):
        if not needs_none(certificate):
            proof |= _proof(certificate, issuer=issuer, among=among, at=at)
    return proof


def about(chain: Chain, *, among: ValidationData) -> ValidationData:
    """Whatever of these data is rightly about a certificate of a chain, of any time."""
    found = ValidationData(certificates=tuple(one.public_bytes(Encoding.DER) for one in chain))
    for certificate, issuer in pairwise(chain):
        for statement in _statements(certificate, issuer=issuer, among=among):
            found |= _kept(statement)
            if statement.responder:
                found |= about((statement.responder, issuer), among=ValidationData(crls=among.crls))
    return found


def needs_none(certificate: x509.Certificate) -> bool:
    """Whether a certificate says of itself that it is never revoked (RFC 9608; RFC 6960 §4.2.2.2.1)."""
    return any(one.oid in {NO_REVOCATION_AVAILABLE, x509.OCSPNoCheck.oid} for one in certificate.extensions)


def ocsp_statement(encoded: bytes, *, certificate: x509.Certificate, issuer: x509.Certificate, at: dt.datetime) -> Statement:
    """What an OCSP answer says of a certificate, if it holds at that instant or was made later. Raises NotProven, Revoked."""
    return _holding(_ocsp(encoded, certificate, issuer), certificate=certificate, at=at)


def crl_statement(encoded: bytes, *, certificate: x509.Certificate, issuer: x509.Certificate, at: dt.datetime) -> Statement:
    """The same of a revocation list."""
    return _holding(_crl(encoded, certificate, issuer), certificate=certificate, at=at)


def _proof(certificate: x509.Certificate, *, issuer: x509.Certificate, among: ValidationData, at: dt.datetime) -> ValidationData:
    why = "nothing is said of it"
    for statement in _statements(certificate, issuer=issuer, among=among):
        try:
            proof = _kept(_holding(statement, certificate=certificate, at=at))
            if statement.responder and not needs_none(statement.responder):  # who does not speak for itself
                proof |= _proof(statement.responder, issuer=issuer, among=ValidationData(crls=among.crls), at=at)
        except NotProven as error:
            why = str(error)
            continue
        return proof
    raise NotProven(f"« {name_of(certificate)} »: {why}")


@lru_cache(maxsize=64)  # the same are in all files of an hour
def _statements(certificate: x509.Certificate, *, issuer: x509.Certificate, among: ValidationData) -> tuple[Statement, ...]:
    found = []
    for judge, encoded in [*((_ocsp, one) for one in among.ocsps), *((_crl, one) for one in among.crls)]:
        try:
            statement = judge(encoded, certificate, issuer)
        except NotProven:
            continue
        if statement.encoded == encoded:
            found.append(statement)
    return tuple(found)


def _kept(statement: Statement) -> ValidationData:
    """A statement, as it is kept in a file."""
    if statement.listed:
        return ValidationData(crls=(statement.encoded,))
    responder = (statement.responder.public_bytes(Encoding.DER),) if statement.responder else ()
    return ValidationData(certificates=responder, ocsps=(statement.encoded,))


def _holding(statement: Statement, *, certificate: x509.Certificate, at: dt.datetime) -> Statement:
    if statement.until < at:
        raise NotProven(f"what is said of it held until {statement.until:%Y-%m-%d %H:%M} UTC only")
    if statement.revoked and statement.revoked <= at:
        raise Revoked(certificate, since=statement.revoked)
    return statement


@lru_cache(maxsize=512)
def _ocsp(encoded: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Statement:
    try:
        answer = ocsp.load_der_ocsp_response(encoded)
        if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise NotProven(f"the responder answers {answer.response_status.name}")
        (single,) = answer.responses
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, single.hash_algorithm).build()
        for name in ("serial_number", "issuer_name_hash", "issuer_key_hash"):
            if getattr(single, name) != getattr(asked, name):
                raise NotProven("the answer is about another certificate")
        responder = _responder(answer, issuer=issuer)
        if single.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
            raise NotProven("the responder does not know it")
        return Statement(
            encoded=_lean(encoded, responder=None if responder == issuer else responder),
            since=single.this_update_utc,
            until=single.next_update_utc or single.this_update_utc + WITHOUT_AN_END,
            revoked=single.revocation_time_utc,
            responder=None if responder == issuer else responder,
        )
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, TypeError) as error:
        raise error if isinstance(error, NotProven) else NotProven("the answer is no OCSP answer") from error


def _responder(answer: ocsp.OCSPResponse, *, issuer: x509.Certificate) -> x509.Certificate:
    """Who signed it: the issuer, or whom the issuer made a responder (RFC 6960 §4.2.2.2). Raises NotProven."""
    for one in (issuer, *answer.certificates):
        key = one.public_key()
        named = answer.responder_name == one.subject or answer.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(key).digest
        if not named or (one != issuer and not _may_respond(one, issuer=issuer, at=answer.produced_at_utc)):
            continue
        try:
            if isinstance(key, rsa.RSAPublicKey) and answer.signature_hash_algorithm:
                key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), answer.signature_hash_algorithm)
                return one
            if isinstance(key, ec.EllipticCurvePublicKey) and answer.signature_hash_algorithm:
                key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(answer.signature_hash_algorithm))
                return one
        except InvalidSignature:
            continue
    raise NotProven("the answer is signed by nobody who may give it")


def _may_respond(responder: x509.Certificate, *, issuer: x509.Certificate, at: dt.datetime) -> bool:
    try:
        purposes = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    valid = responder.not_valid_before_utc <= at <= responder.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in purposes and issued(responder, by=issuer)


def _lean(encoded: bytes, *, responder: x509.Certificate | None) -> bytes:
    """The answer with no certificate beside it but the responder's. Raises der.Malformed."""
    status, wrapped = der.only(encoded, der.SEQUENCE)
    (typed,) = der.inside(wrapped, der.CONTEXT_0)
    kind, octets = der.inside(typed, der.SEQUENCE)
    said, algorithm, signature, *_ = der.only(octets.content, der.SEQUENCE)
    if kind.whole != _BASIC or signature.content[:1] != b"\x00":
        raise NotProven("the answer is of an unknown kind")
    bag = b""
    if responder:
        certificate = certificate_from(responder.public_bytes(Encoding.DER)).public_bytes(Encoding.DER)
        bag = der.encode(der.CONTEXT_0, der.encode(der.SEQUENCE, certificate))
    basic = der.encode(der.SEQUENCE, said.whole, algorithm.whole, signature.whole, bag)
    answer = der.encode(der.SEQUENCE, kind.whole, der.encode(der.OCTET_STRING, basic))
    return der.encode(der.SEQUENCE, status.whole, der.encode(der.CONTEXT_0, answer))


@lru_cache(maxsize=512)
def _crl(encoded: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Statement:
    try:
        listed = x509.load_der_x509_crl(encoded)
        key = issuer.public_key()
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            raise NotProven("the issuer's key is of a kind that is not accepted here")
        _, _, signature = der.only(encoded, der.SEQUENCE)
        if listed.issuer != issuer.subject or not listed.is_signature_valid(key) or signature.content[:1] != b"\x00":
            raise NotProven("the list is not the issuer's")
        _check_scope(listed, certificate=certificate)
        entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        return Statement(
            encoded=encoded,
            since=listed.last_update_utc,
            until=listed.next_update_utc or listed.last_update_utc + WITHOUT_AN_END,
            revoked=entry.revocation_date_utc if entry else None,
            listed=True,
        )
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, TypeError) as error:
        raise error if isinstance(error, NotProven) else NotProven("the list is no revocation list") from error


def _check_scope(listed: x509.CertificateRevocationList, *, certificate: x509.Certificate) -> None:
    """The list is whole and about such a certificate (RFC 5280 §5.2.4, 5.2.5, 6.3.3). Raises NotProven."""
    for extension in listed.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            basic = [one.value for one in certificate.extensions if isinstance(one.value, x509.BasicConstraints)]
            authority = bool(basic and basic[0].ca)
            other = value.only_contains_user_certs if authority else value.only_contains_ca_certs
            if other or value.indirect_crl or value.only_some_reasons or value.only_contains_attribute_certs:
                raise NotProven("the list is about others")
            if value.full_name and not set(value.full_name) & set(points(certificate)):
                raise NotProven("the list is another part of the issuer's")
        elif extension.critical or isinstance(value, x509.DeltaCRLIndicator):
            raise NotProven("the list has an extension that is not understood")


def points(certificate: x509.Certificate) -> list[x509.GeneralName]:
    """The names of the places where a certificate's list is."""
    points = [one.value for one in certificate.extensions if isinstance(one.value, x509.CRLDistributionPoints)]
    return [name for value in points for point in value for name in point.full_name or ()]
