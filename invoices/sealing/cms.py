"""The CMS envelope of a seal (RFC 5652, EN 319 122-1 as PAdES B-B wants it): built, and read only if built like that.

Signed attributes: content-type, message-digest, signing-certificate-v2; the time of sealing is the PDF dictionary's /M,
not an attribute (EN 319 142-1 §6.3). The issuers' certificates are covered by no attribute (naming them too would be
allowed, but validators warn of it): certificates_sha256 is for the sealed bytes themselves to say.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from invoices.sealing import der
from invoices.sealing.chains import certificate_from

DATA = der.object_identifier("1.2.840.113549.1.7.1")
SIGNED_DATA = der.object_identifier("1.2.840.113549.1.7.2")
CONTENT_TYPE = der.object_identifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.object_identifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = der.object_identifier("1.2.840.113549.1.9.16.2.47")
SIGNATURE_TIME_STAMP = der.object_identifier("1.2.840.113549.1.9.16.2.14")
VERSION_1 = der.encode(der.INTEGER, b"\x01")
SHA256 = der.encode(der.SEQUENCE, der.object_identifier("2.16.840.1.101.3.4.2.1"))  # no parameters: RFC 5754 §2
SHA256_WITH_RSA = der.encode(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.1.11"), b"\x05\x00")
SHA256_WITH_ECDSA = der.encode(der.SEQUENCE, der.object_identifier("1.2.840.10045.4.3.2"))


class Envelope:
    """The CMS of one certificate chain (ours first); of it only the file's digest and the signature change.

    certificates_sha256: of all certificates beside the signature, as they lie in the CMS.
    """

    def __init__(self, chain: Sequence[x509.Certificate]) -> None:
        certificates = [certificate.public_bytes(Encoding.DER) for certificate in chain]
        self._certificates = der.encode(der.CONTEXT_0, der.set_of(*certificates))
        self.certificates_sha256 = hashlib.sha256(self._certificates).digest()
        self._signer = issuer_and_serial(certificates[0])
        self._algorithm = _signature_algorithm(chain[0])
        self._signing_certificate = _attribute(
            SIGNING_CERTIFICATE_V2,
            # one ESSCertIDv2 with its defaults: SHA-256, no issuerSerial (RFC 5035 §4)
            _sequence(_sequence(_sequence(_octets(hashlib.sha256(certificates[0]).digest())))),
        )

    def to_sign(self, digest: bytes) -> bytes:
        """What is signed for a file of that SHA-256: the signed attributes, as a SET (RFC 5652 §5.4)."""
        return der.encode(der.SET, self._attributes(digest))

    def filled(self, *, digest: bytes, signature: bytes, token: bytes = b"") -> bytes:
        """The whole CMS, in DER. token: a timestamp over the signature, as the one unsigned attribute; empty: none."""
        unsigned = der.encode(der.CONTEXT_1, _attribute(SIGNATURE_TIME_STAMP, token)) if token else b""
        signer = _sequence(
            VERSION_1,
            self._signer,
            SHA256,
            der.encode(der.CONTEXT_0, self._attributes(digest)),
            self._algorithm,
            _octets(signature),
            unsigned,
        )
        signed_data = _sequence(VERSION_1, der.encode(der.SET, SHA256), _sequence(DATA), self._certificates, der.encode(der.SET, signer))
        return _sequence(SIGNED_DATA, der.encode(der.CONTEXT_0, signed_data))

    def size(self, signature_size: int) -> int:
        """Bytes of the whole CMS with a signature of that many bytes."""
        return len(self.filled(digest=bytes(hashlib.sha256().digest_size), signature=bytes(signature_size)))

    def _attributes(self, digest: bytes) -> bytes:
        return der.set_of(_attribute(CONTENT_TYPE, DATA), _attribute(MESSAGE_DIGEST, _octets(digest)), self._signing_certificate)


@lru_cache(maxsize=64)
def envelope_of(chain: tuple[x509.Certificate, ...]) -> Envelope:
    """The envelope of a chain, the same for each of the thousands of files that it seals."""
    return Envelope(chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a CMS says. chain: ours first, the others in any order; digest: the sealed file's; the rest: see Envelope.

    token: nothing if there is none; what is in it is not read here.
    """

    chain: tuple[x509.Certificate, ...]
    certificates_sha256: bytes
    digest: bytes
    to_sign: bytes
    signature: bytes
    token: bytes


def read(cms: bytes) -> Contents:
    """Read a CMS that Envelope built; the signature itself is not checked here.

    Raises der.Malformed unless the same parts, built again, give the same bytes: nothing can hide in it.
    """
    try:
        _, wrapped = der.only(cms, der.SEQUENCE)
        (signed_data,) = der.inside(wrapped, der.CONTEXT_0)
        _, _, _, bag, signers = der.inside(signed_data, der.SEQUENCE)
        (signer,) = der.inside(signers, der.SET)
        _, _, _, attributes, _, signature, *unsigned = der.inside(signer, der.SEQUENCE)
        named = {a[0].whole: a[1] for a in (der.inside(one, der.SEQUENCE) for one in der.elements(attributes.content))}
        (digest,) = der.inside(named[MESSAGE_DIGEST], der.SET)
        (wanted,) = der.inside(named[SIGNING_CERTIFICATE_V2], der.SET)
        chain = _chain(bag=bag, wanted=wanted)
        envelope = envelope_of(chain)
        token = _token(unsigned[0]) if unsigned else b""
    except (ValueError, LookupError) as error:
        raise der.Malformed("not a seal's CMS") from error
    if envelope.filled(digest=digest.content, signature=signature.content, token=token) != cms:
        raise der.Malformed("not a CMS in the form of our seals")
    return Contents(
        chain=chain,
        certificates_sha256=envelope.certificates_sha256,
        digest=digest.content,
        to_sign=envelope.to_sign(digest.content),
        signature=signature.content,
        token=token,
    )


@lru_cache(maxsize=64)
def issuer_and_serial(certificate: bytes) -> bytes:
    """A certificate's IssuerAndSerialNumber, its very bytes (no name is encoded anew). Raises ValueError, IndexError."""
    to_be_signed = der.inside(der.only(certificate, der.SEQUENCE)[0], der.SEQUENCE)
    _version, serial, _algorithm, issuer = to_be_signed[:4]
    return _sequence(issuer.whole, serial.whole)


def _token(unsigned: der.Element) -> bytes:
    """The timestamp token in the unsigned attributes."""
    (attribute,) = der.inside(unsigned, der.CONTEXT_1)
    (token,) = der.inside(der.inside(attribute, der.SEQUENCE)[1], der.SET)
    return token.whole


def _chain(*, bag: der.Element, wanted: der.Element) -> tuple[x509.Certificate, ...]:
    """The certificates of the bag, first the one that the signing-certificate attribute names."""
    certificates = [one.whole for one in der.inside(bag, der.CONTEXT_0)]
    (identifiers,) = der.inside(wanted, der.SEQUENCE)
    (identifier,) = der.inside(identifiers, der.SEQUENCE)
    (sha256,) = der.inside(identifier, der.SEQUENCE)
    certificates.sort(key=lambda certificate: hashlib.sha256(certificate).digest() != sha256.content)
    return tuple(certificate_from(certificate) for certificate in certificates)


def _signature_algorithm(certificate: x509.Certificate) -> bytes:
    """Raises ValueError for a key that is neither RSA nor elliptic."""
    kind = certificate.public_key_algorithm_oid
    if kind == x509.PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5:
        return SHA256_WITH_RSA
    if kind == x509.PublicKeyAlgorithmOID.EC_PUBLIC_KEY:
        return SHA256_WITH_ECDSA
    raise ValueError("neither an RSA nor an elliptic key")


def _attribute(identifier: bytes, value: bytes) -> bytes:
    return _sequence(identifier, der.encode(der.SET, value))


def _sequence(*contents: bytes) -> bytes:
    return der.encode(der.SEQUENCE, *contents)


def _octets(content: bytes) -> bytes:
    return der.encode(der.OCTET_STRING, content)
