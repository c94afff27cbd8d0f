"""The operator's seal key in a PKCS#12 file (.p12, .pfx): private key and certificates under a password (RFC 7292)."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates, load_pkcs12

from invoices.sealing.keys import SealKeyUnavailable, check_it_is_made_for_sealing
from invoices.sealing.keys.certificates import SMALLEST_RSA, chain_from
from invoices.sealing.keys.software import PrivateKey, SoftwareKey


def open_pkcs12(file: Path, *, password: str) -> SoftwareKey:
    """Open a PKCS#12 file; call it once per process. password: empty for a file without one.

    A certificate out of its time is opened too: its successor may stand beside it.
    Raises SealKeyUnavailable, which says what is wrong with the file, its password, its key or its certificate.
    """
    contents = _contents(file, password=password)
    private_key = _private_key(contents, file=file)
    if contents.cert is None:
        raise SealKeyUnavailable(f"{file} holds no certificate for its key: export both into one file.")
    ours = contents.cert.certificate
    check_it_is_made_for_sealing(ours)
    others = [one.certificate for one in contents.additional_certs]
    return SoftwareKey(private_key=private_key, chain=chain_from(ours, others=others))


def _contents(file: Path, *, password: str) -> PKCS12KeyAndCertificates:
    try:
        return load_pkcs12(file.read_bytes(), password.encode() or None)
    except OSError as error:
        raise SealKeyUnavailable(f"The seal's key file {file} cannot be read: {error.strerror}.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SealKeyUnavailable(
            f"The seal's key file {file} cannot be opened: its password is wrong, or it is not a PKCS#12 file."
        ) from error


def _private_key(contents: PKCS12KeyAndCertificates, *, file: Path) -> PrivateKey:
    key = contents.key
    if key is None:
        raise SealKeyUnavailable(f"{file} holds no private key: export it again, with its key.")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= SMALLEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key
    raise SealKeyUnavailable(f"The key in {file} does not suit a seal: RSA of {SMALLEST_RSA} bits or more, or elliptic.")
