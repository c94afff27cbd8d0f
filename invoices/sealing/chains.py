"""From a certificate to one that is trusted, as RFC 5280 §6 has it, for the few extensions that we understand."""

import datetime as dt
from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from invoices.sealing import der
from invoices.sealing.keys import name_of

Chain = tuple[x509.Certificate, ...]
"""A certificate, its issuer, the issuer's, to the trusted one."""

_UNDERSTOOD = {
    x509.BasicConstraints.oid,
    x509.KeyUsage.oid,
    x509.ExtendedKeyUsage.oid,
    x509.CertificatePolicies.oid,  # any policy will do: who is trusted says the operator
    x509.SubjectAlternativeName.oid,
}


class NoChain(ValueError):  # noqa: N818  (what is missing)
    """The certificate does not lead to a trusted one; one phrase says why."""


def chain_of(certificate: x509.Certificate, *, among: Chain, trusted: Chain, at: dt.datetime) -> Chain:
    """The chain to a trusted certificate. among: others that came along, in any order, of any use; at: an instant when
    all of the chain must be valid. Raises NoChain."""
    try:
        chain = _chain(certificate, among, trusted)
        late = [one for one in chain if not one.not_valid_before_utc <= at <= one.not_valid_after_utc]
        if late:
            raise NoChain(f"« {name_of(late[0])} » is not valid on {at:%Y-%m-%d}")
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise error if isinstance(error, NoChain) else NoChain("a certificate cannot be read") from error
    return chain


@lru_cache(maxsize=256)  # the same few authorities, thousands of times
def certificate_from(encoded: bytes) -> x509.Certificate:
    """A certificate all of which can be read; no bit can be changed unnoticed by who checks its signature. Raises ValueError."""
    _, _, signature = der.only(encoded, der.SEQUENCE)
    if signature.tag != der.BIT_STRING or signature.content[:1] != b"\x00":
        raise der.Malformed("a certificate's signature does not end with a whole byte")
    try:
        certificate = x509.load_der_x509_certificate(encoded)
        for part in ("subject", "issuer", "extensions", "not_valid_before_utc", "not_valid_after_utc", "serial_number", "version"):
            getattr(certificate, part)  # each is read only when it is asked for
        certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as error:
        raise der.Malformed("a certificate that cannot be read") from error
    return certificate


@lru_cache(maxsize=256)
def issued(certificate: x509.Certificate, *, by: x509.Certificate) -> bool:
    """Whether that issuer's name and signature are on the certificate."""
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


@lru_cache(maxsize=256)
def upwards(chain: Chain, *, among: Chain) -> Chain:
    """A chain, led on by those that issued its last certificate, as far as there are any. Raises ValueError."""
    while above := [one for one in among if one not in chain and issued(chain[-1], by=one)]:
        chain = (*chain, above[0])
    return chain


@lru_cache(maxsize=256)
def _chain(certificate: x509.Certificate, among: Chain, trusted: Chain) -> Chain:
    ways: list[Chain] = [(certificate,)]
    seen = {certificate}
    while ways:
        way = ways.pop()
        if way[-1] in trusted:
            _check(way)
            return way
        issuers = [one for one in (*among, *trusted) if one not in seen and one.subject == way[-1].issuer and issued(way[-1], by=one)]
        seen.update(issuers)
        ways += [(*way, one) for one in issuers]
    raise NoChain(f"« {name_of(certificate)} » leads to no certificate that is trusted")


def _check(chain: Chain) -> None:
    """Each issuer of a chain is an authority, for as many certificates below it. Raises NoChain."""
    for one in chain:
        strange = [extension.oid for extension in _extensions(one) if extension.critical and extension.oid not in _UNDERSTOOD]
        if strange:
            raise NoChain(f"« {name_of(one)} » has a critical extension that is not understood: {strange[0].dotted_string}")
    for below, (_, issuer) in enumerate(pairwise(chain)):
        values = {extension.oid: extension.value for extension in _extensions(issuer)}
        constraints, usage = values.get(x509.BasicConstraints.oid), values.get(x509.KeyUsage.oid)
        is_authority = isinstance(constraints, x509.BasicConstraints) and constraints.ca
        if not is_authority or (isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign):
            raise NoChain(f"« {name_of(issuer)} » is no authority")
        if isinstance(constraints, x509.BasicConstraints) and constraints.path_length is not None and constraints.path_length < below:
            raise NoChain(f"« {name_of(issuer)} » may not have so many authorities below it")


def _extensions(certificate: x509.Certificate) -> x509.Extensions:
    try:
        return certificate.extensions
    except (ValueError, x509.DuplicateExtension) as error:
        raise NoChain("a certificate whose extensions cannot be read") from error
