"""Ask whether certificates are revoked: by OCSP, else by the issuer's list; each answer is used again while it is fresh."""

import datetime as dt
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from invoices.sealing.chains import Chain
from invoices.sealing.fetching import NoAnswer, fetch
from invoices.sealing.keys import SealKeyUnavailable, fingerprint, name_of
from invoices.sealing.validation_data import (
    CLOCKS_APART,
    NotProven,
    Revoked,
    Statement,
    ValidationData,
    crl_statement,
    needs_none,
    ocsp_statement,
    points,
)
from selfbilling.errors import Unavailable

KEPT = dt.timedelta(hours=1)
"""How long an answer is used again at most, however long it says that it holds: a revoked seal shall stop sealing."""
LARGEST_OCSP = 1 << 16  # bytes
LARGEST_CRL = 1 << 20  # bytes; each sealed file carries it


class CertificateRevoked(SealKeyUnavailable):
    """A certificate of the chain is revoked: nothing may be sealed or timestamped with it."""


class RevocationUnknown(Unavailable):
    """Nobody says whether a certificate is revoked: what was asked, and what came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one certificate. until: when it is asked anew."""

    data: ValidationData
    until: dt.datetime


Cache = MutableMapping[str, Known]
"""Fingerprint -> what is known; a dict, one for each process, will do."""


def validation_data(chain: Chain, *, cache: Cache, at: dt.datetime, timeout: float) -> ValidationData:
    """The proof that no certificate of a chain is revoked now, its last one being trusted; and the chain itself.

    at: now, aware. timeout: seconds, as in fetch(), for each question.
    Raises CertificateRevoked; RevocationUnknown if nobody answers, or the answer is not to be believed.
    """
    data = ValidationData(certificates=tuple(one.public_bytes(Encoding.DER) for one in chain))
    for certificate, issuer in pairwise(chain):
        data |= _of(certificate, issuer=issuer, cache=cache, at=at, timeout=timeout)
    return data


def _of(certificate: x509.Certificate, *, issuer: x509.Certificate, cache: Cache, at: dt.datetime, timeout: float) -> ValidationData:
    if needs_none(certificate):
        return ValidationData()
    known = cache.get(fingerprint(certificate))
    if known is None or not known.until - KEPT <= at < known.until:
        known = cache[fingerprint(certificate)] = _asked(certificate, issuer=issuer, at=at, timeout=timeout)
    return known.data


def _asked(certificate: x509.Certificate, *, issuer: x509.Certificate, at: dt.datetime, timeout: float) -> Known:
    said = []
    for ask, url in [*((_by_ocsp, one) for one in _responders(certificate)), *((_by_list, one) for one in _lists(certificate))]:
        try:
            return ask(url, certificate=certificate, issuer=issuer, at=at, timeout=timeout)
        except Revoked as revoked:
            raise CertificateRevoked(f"The certificate {revoked}: install its successor.") from revoked
        except (NoAnswer, NotProven) as error:
            said.append(str(error))
    raise RevocationUnknown(
        f"Nobody says whether the certificate « {name_of(certificate)} » is revoked. {'; '.join(said) or 'It names nobody to ask'}."
    )


def _by_ocsp(url: str, *, certificate: x509.Certificate, issuer: x509.Certificate, at: dt.datetime, timeout: float) -> Known:
    # SHA-1 only names the issuer here, and every responder knows it (RFC 5019 §2.1.1)
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()  # noqa: S303
    question = request.public_bytes(Encoding.DER)
    answer = fetch(url, question=question, media="application/ocsp-request", at_most=LARGEST_OCSP, timeout=timeout)
    statement = ocsp_statement(answer, certificate=certificate, issuer=issuer, at=at)
    known = _known(statement, data=ValidationData(ocsps=(statement.encoded,)), at=at)
    if statement.responder is None:
        return known
    data = known.data | ValidationData(certificates=(statement.responder.public_bytes(Encoding.DER),))
    if needs_none(statement.responder):
        return Known(data=data, until=known.until)
    for list_url in _lists(statement.responder):
        of_responder = _by_list(list_url, certificate=statement.responder, issuer=issuer, at=at, timeout=timeout)
        return Known(data=data | of_responder.data, until=min(known.until, of_responder.until))
    raise NotProven("nobody says whether the responder's certificate is revoked")


def _by_list(url: str, *, certificate: x509.Certificate, issuer: x509.Certificate, at: dt.datetime, timeout: float) -> Known:
    answer = fetch(url, at_most=LARGEST_CRL, timeout=timeout)
    statement = crl_statement(answer, certificate=certificate, issuer=issuer, at=at)
    return _known(statement, data=ValidationData(crls=(statement.encoded,)), at=at)


def _known(statement: Statement, *, data: ValidationData, at: dt.datetime) -> Known:
    if statement.since > at + CLOCKS_APART:
        raise NotProven(f"the answer is from {statement.since:%Y-%m-%d %H:%M} UTC: its clock, or ours, is wrong")
    return Known(data=data, until=min(statement.until, at + KEPT))


def _responders(certificate: x509.Certificate) -> list[str]:
    """Where a certificate says that OCSP is spoken."""
    found = [one.value for one in certificate.extensions if isinstance(one.value, x509.AuthorityInformationAccess)]
    described = [one for value in found for one in value if one.access_method == AuthorityInformationAccessOID.OCSP]
    return _addresses(one.access_location for one in described)


def _lists(certificate: x509.Certificate) -> list[str]:
    """Where a certificate says that its issuer's list is."""
    return _addresses(points(certificate))


def _addresses(names: Iterable[x509.GeneralName]) -> list[str]:
    """Those on the web; a directory (ldap) is not asked."""
    return [one.value for one in names if isinstance(one, x509.UniformResourceIdentifier) and one.value.startswith(("http://", "https://"))]
