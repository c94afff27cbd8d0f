"""A timestamp token (RFC 3161 §2.4.2): read with no leniency, and believed only by a trusted authority's signature."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from invoices.sealing import cms, der
from invoices.sealing.chains import Chain, NoChain, certificate_from, chain_of, issued
from invoices.sealing.keys import name_of

TST_INFO = der.object_identifier("1.2.840.113549.1.9.16.1.4")
SIGNING_CERTIFICATE = der.object_identifier("1.2.840.113549.1.9.16.2.12")
_VERSION_3 = der.encode(der.INTEGER, b"\x03")
_SHA256 = der.object_identifier("2.16.840.1.101.3.4.2.1")
_HASHES = {
    _SHA256: hashes.SHA256(),
    der.object_identifier("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    der.object_identifier("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
}
_RSA = der.object_identifier("1.2.840.113549.1.1.1")
_ALGORITHMS = {
    **{der.object_identifier(f"1.2.840.113549.1.1.{last}"): name for last, name in ((11, "sha256"), (12, "sha384"), (13, "sha512"))},
    **{der.object_identifier(f"1.2.840.10045.4.3.{last}"): name for last, name in ((2, "sha256"), (3, "sha384"), (4, "sha512"))},
}
_SMALLEST_RSA = 2048  # bits
_MOST_CERTIFICATES = 20


class TokenInvalid(ValueError):  # noqa: N818  (it is what the token is)
    """The token is not what it should be; one phrase says why."""


class UnknownAuthority(TokenInvalid):
    """The token may well be right, but nobody trusted answers for who signed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A token that was found right. chain: the authority's certificate first, the trusted one last."""

    token: bytes
    at: dt.datetime  # UTC
    chain: Chain
    policy: bytes  # OBJECT IDENTIFIER
    nonce: bytes  # INTEGER, or nothing

    @property
    def authority(self) -> str:
        """The authority's name."""
        return name_of(self.chain[0])

    @property
    def ends(self) -> dt.datetime:
        """When its certificates end: until then it is to be renewed."""
        return min(one.not_valid_after_utc for one in self.chain)


def read(token: bytes, *, digest: bytes, trusted: Chain, among: Chain = ()) -> Timestamp:
    """Read a token over data of that SHA-256. among: certificates that came along elsewhere.

    What comes back holds the same signature, but of all that lies beside it unsigned only the certificates that lead to
    the trusted one: nothing can hide there, and what was read once reads the same again.
    Raises TokenInvalid, UnknownAuthority.
    """
    try:
        signed = _Signed.of(token)
        version, policy, imprint, _serial, time, *options = der.only(signed.content, der.SEQUENCE)
        algorithm, hashed = der.inside(imprint, der.SEQUENCE)
        if version.whole != cms.VERSION_1 or _identifier(algorithm) != _SHA256 or hashed.content != digest:
            raise TokenInvalid("it stands for something else")
        nonce = next((one.whole for one in options if one.tag == der.INTEGER), b"")
        at = _instant(time)
        certificate = signed.check_signature()
        _check_purpose(certificate)
    except (ValueError, LookupError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise error if isinstance(error, TokenInvalid) else TokenInvalid("it cannot be read") from error
    try:
        chain = chain_of(certificate, among=(*signed.certificates, *among), trusted=trusted, at=at)
    except NoChain as error:
        raise UnknownAuthority(str(error)) from error
    return Timestamp(token=signed.lean(chain), at=at, chain=chain, policy=policy.whole, nonce=nonce)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """The parts of the CMS around it. signer: version, identifier, digest's algorithm, attributes, algorithm, signature."""

    encapsulated: bytes
    content: bytes
    certificates: Chain
    signer: list[der.Element]
    attributes: dict[bytes, der.Element]

    @classmethod
    def of(cls, token: bytes) -> "_Signed":
        kind, wrapped = der.only(token, der.SEQUENCE)
        (signed_data,) = der.inside(wrapped, der.CONTEXT_0)
        _version, _algorithms, encapsulated, bag, *others = der.inside(signed_data, der.SEQUENCE)
        content_type, explicit = der.inside(encapsulated, der.SEQUENCE)
        (content,) = der.inside(explicit, der.CONTEXT_0)
        (signer,) = der.inside(others[-1], der.SET)
        parts = der.inside(signer, der.SEQUENCE)
        attributes = [der.inside(one, der.SEQUENCE) for one in der.inside(parts[3], der.CONTEXT_0)]
        if (kind.whole, content_type.whole, content.tag) != (cms.SIGNED_DATA, TST_INFO, der.OCTET_STRING):
            raise TokenInvalid("it is another kind of signed data")
        if len({one[0].whole for one in attributes}) != len(attributes):
            raise TokenInvalid("an attribute is there twice")
        certificates = [one.whole for one in der.inside(bag, der.CONTEXT_0) if one.tag == der.SEQUENCE]
        return cls(
            encapsulated=encapsulated.whole,
            content=content.content,
            certificates=tuple(certificate_from(one) for one in certificates[:_MOST_CERTIFICATES]),
            signer=parts[:6],
            attributes={kind.whole: der.inside(values, der.SET)[0] for kind, values in attributes},
        )

    def check_signature(self) -> x509.Certificate:
        """The certificate by which it is signed (RFC 5652 §5.4, 5.6). Raises TokenInvalid, ValueError, LookupError."""
        _version, identifier, digest_algorithm, attributes, algorithm, signature = self.signer
        hashing = _HASHES[_identifier(digest_algorithm)]
        content_digest = hashlib.new(hashing.name, self.content).digest()
        if self.attributes[cms.MESSAGE_DIGEST].content != content_digest or self.attributes[cms.CONTENT_TYPE].whole != TST_INFO:
            raise TokenInvalid("its signature is over something else")
        certificate = self._named_certificate()
        if cms.issuer_and_serial(certificate.public_bytes(Encoding.DER)) != identifier.whole:
            raise TokenInvalid("it names another signer")
        kind = _identifier(algorithm)
        if (kind != _RSA and _ALGORITHMS.get(kind) != hashing.name) or signature.tag != der.OCTET_STRING:
            raise TokenInvalid("its signature is by an algorithm that is not accepted here")
        to_sign = der.encode(der.SET, attributes.content)
        try:
            _verify(certificate, signature=signature.content, data=to_sign, hashing=hashing)
        except InvalidSignature as error:
            raise TokenInvalid("its signature is not by the certificate beside it") from error
        return certificate

    def lean(self, chain: Chain) -> bytes:
        """The token anew, with its signer's certificate and those below a root (above a trusted one too)."""
        useful = [one for one in self.certificates if one in chain or issued(chain[-1], by=one)]
        kept = [one.public_bytes(Encoding.DER) for one in useful if one == chain[0] or one.subject != one.issuer]
        signer = der.encode(der.SEQUENCE, cms.VERSION_1, *(part.whole for part in self.signer[1:]))
        signed_data = der.encode(
            der.SEQUENCE,
            _VERSION_3,
            der.encode(der.SET, self.signer[2].whole),
            self.encapsulated,
            der.encode(der.CONTEXT_0, der.set_of(*kept)),
            der.encode(der.SET, signer),
        )
        return der.encode(der.SEQUENCE, cms.SIGNED_DATA, der.encode(der.CONTEXT_0, signed_data))

    def _named_certificate(self) -> x509.Certificate:
        """The one whose hash is signed along (RFC 5035 §5, RFC 5816): without that, anyone's of that name would do."""
        version_2 = self.attributes.get(cms.SIGNING_CERTIFICATE_V2)
        named = version_2 or self.attributes[SIGNING_CERTIFICATE]
        identifiers = der.inside(named, der.SEQUENCE)[0]
        first = der.inside(der.inside(identifiers, der.SEQUENCE)[0], der.SEQUENCE)
        hashing: hashes.HashAlgorithm = hashes.SHA256() if version_2 else hashes.SHA1()  # noqa: S303  (ESSCertID has no other)
        if version_2 and first[0].tag == der.SEQUENCE:
            hashing = _HASHES[_identifier(first[0])]
            first = first[1:]
        found = [one for one in self.certificates if one.fingerprint(hashing) == first[0].content]
        return found[0]


def _identifier(algorithm: der.Element) -> bytes:
    """An algorithm's identifier, if it has no parameters or NULL. Raises der.Malformed, ValueError."""
    identifier, *parameters = der.inside(algorithm, der.SEQUENCE)
    if [one.whole for one in parameters] not in ([], [b"\x05\x00"]):
        raise TokenInvalid("an algorithm has parameters")
    return identifier.whole


_public_key = lru_cache(maxsize=64)(x509.Certificate.public_key)


def _verify(certificate: x509.Certificate, *, signature: bytes, data: bytes, hashing: hashes.HashAlgorithm) -> None:
    key = _public_key(certificate)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA:
        key.verify(signature, data, padding.PKCS1v15(), hashing)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(hashing))
    else:
        raise TokenInvalid("its authority's key is too small, or of a kind that is not accepted here")


@lru_cache(maxsize=64)
def _check_purpose(certificate: x509.Certificate) -> None:
    """Its certificate is for timestamps and nothing else (RFC 3161 §2.3). Raises TokenInvalid."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        fit = extension.critical and list(extension.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        fit = False
    if not fit:
        raise TokenInvalid("its certificate is not one of a timestamp authority")


def _instant(time: der.Element) -> dt.datetime:
    """GeneralizedTime of a token: in UTC, with or without a fraction (RFC 3161 §2.4.2)."""
    whole, _, fraction = time.content.decode("ascii").removesuffix("Z").partition(".")
    if time.tag != der.GENERALIZED_TIME or not time.content.endswith(b"Z"):
        raise TokenInvalid("its time is not in UTC")
    seconds = dt.datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    return seconds + dt.timedelta(microseconds=int(fraction.ljust(6, "0")[:6] or 0))
