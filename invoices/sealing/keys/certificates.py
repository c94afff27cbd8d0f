"""What a seal's certificate tells of its key, of its issuers and of its end."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from invoices.sealing.keys import SealKeyUnavailable, name_of

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
SMALLEST_RSA = 2048  # bits; the SOG-IS list of agreed mechanisms has nothing below 1900
ANNOUNCED = (60, 30, 7, 0)  # days before a certificate's end


def public_key(certificate: x509.Certificate) -> PublicKey:
    """The key of a certificate that may seal. Raises SealKeyUnavailable if it is of another kind, or too small."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    raise SealKeyUnavailable(
        f"The key of « {name_of(certificate)} » does not suit a seal: RSA of {SMALLEST_RSA} bits or more, or elliptic."
    )


def signature_size(key: PublicKey) -> int:
    """Bytes of a signature: exact for RSA; for an elliptic key the most that SEQUENCE { r, s } can take."""
    octets = (key.key_size + 7) // 8
    if isinstance(key, rsa.RSAPublicKey):
        return octets
    return 2 * (octets + 3) + 3


def is_signature(signature: bytes, *, digest: bytes, by: PublicKey) -> bool:
    """Whether it is that key's signature over that SHA-256."""
    try:
        if isinstance(by, rsa.RSAPublicKey):
            by.verify(signature, digest, padding.PKCS1v15(), Prehashed(SHA256()))
        else:
            by.verify(signature, digest, ec.ECDSA(Prehashed(SHA256())))
    except (InvalidSignature, ValueError):
        return False
    return True


def are_signatures(signatures: Sequence[bytes], *, digests: Sequence[bytes], by: PublicKey) -> bool:
    """Whether they are that key's signatures over these SHA-256, each in its place.

    Asked before a signature made elsewhere is given on: one in the wrong order would be another invoice's, and a faulty
    RSA signature can betray its key.
    """
    pairs = zip(signatures, digests, strict=False)
    return len(signatures) == len(digests) and all(is_signature(signature, digest=digest, by=by) for signature, digest in pairs)


def chain_from(ours: x509.Certificate, *, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Ours, then its issuer, then the issuer's: the others come in any order, with ones of no use among them."""
    chain = [ours]
    while chain[-1].issuer != chain[-1].subject:
        issuer = next((one for one in others if one.subject == chain[-1].issuer and one not in chain), None)
        if issuer is None:
            break
        chain.append(issuer)
    return tuple(chain)


def certificates_in(file: Path) -> list[x509.Certificate]:
    """The certificates of a file: one or more in PEM, or one in DER. Raises SealKeyUnavailable."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SealKeyUnavailable(f"The seal's certificates {file} cannot be read: {error.strerror}.") from error
    try:
        return x509.load_pem_x509_certificates(data) if b"-----BEGIN" in data else [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise SealKeyUnavailable(f"{file} holds no certificate in PEM or DER: name the file that came from the authority.") from error


def readable(encoded: Iterable[bytes]) -> list[x509.Certificate]:
    """Those that can be read of certificates in DER: a token may hold anything beside ours."""
    found = []
    for one in encoded:
        try:
            found.append(x509.load_der_x509_certificate(one))
        except ValueError:
            continue
    return found


def ends_within(certificate: x509.Certificate, *, at: dt.datetime) -> int | None:
    """Within how many days it ends: 60, 30 or 7, the announcement that is due; 0: it has ended; None: nothing to say yet.

    at: aware. A certificate is ordered, its holder identified, a device sent: weeks, not days.
    """
    left = certificate.not_valid_after_utc - at
    reached = [days for days in ANNOUNCED if left <= dt.timedelta(days=days)]
    return min(reached, default=None)
