"""The demo key: made on first use with a test root of its own. "TEST" is in both subjects; it proves nothing to anyone.

The root's private key is thrown away as soon as it has signed: nobody can ever make another certificate in its name,
nor a revocation list, which is what the certificate's noRevAvail says (RFC 9608).
"""

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from invoices.sealing.keys import SealKeyUnavailable, check_it_may_seal
from invoices.sealing.keys.software import SoftwareKey

KEY_SIZE = 3072  # bits
BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""Whatever day a demonstration or a test takes for today, its seals are not from before their certificate."""
LIFE = dt.timedelta(days=3650)
ROOT_NAME = "TEST root of a demo, without any value"
SEAL_NAME = "TEST seal of a demo, without any value"
NO_REVOCATION_AVAILABLE = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.56"), b"\x05\x00")


def load_or_make(folder: Path) -> SoftwareKey:
    """The demo key of that folder (seal.pem; root.pem beside it is for readers to trust), made if there is none.

    Two processes at once get the same one. Call it once per process. Raises SealKeyUnavailable.
    """
    file = folder / "seal.pem"
    try:
        if not file.exists():
            _make(file)
        key = _load(file)
    except OSError as error:
        raise SealKeyUnavailable(f"The demo certificate {file} cannot be read or made: {error.strerror}.") from error
    check_it_may_seal(key.chain[0], at=dt.datetime.now(dt.UTC))
    return key


def _load(file: Path) -> SoftwareKey:
    """Raises OSError, SealKeyUnavailable."""
    pem = file.read_bytes()
    try:
        private_key = load_pem_private_key(pem, password=None)
        chain = tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise SealKeyUnavailable(
            f"The demo certificate {file} is damaged: put it back from a copy, or delete it to get a new one."
        ) from error
    if not isinstance(private_key, rsa.RSAPrivateKey):
        raise SealKeyUnavailable(f"The demo certificate {file} has another kind of key than the demo's: delete it.")
    return SoftwareKey(private_key=private_key, chain=chain)


def _make(file: Path) -> None:
    """Make the key under a lock, whole or not at all; what a killed process left is written over."""
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with _locked(file.parent):
        if file.exists():  # another process was faster
            return
        key, chain = _new_key_and_chain()
        certificates = [certificate.public_bytes(Encoding.PEM) for certificate in chain]
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(file.with_name("root.pem"), certificates[-1])
        _write(file, private + b"".join(certificates))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(file: Path, data: bytes) -> None:
    """Write a file for its owner alone, so that its name never stands for half of it."""
    new = file.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    new.rename(file)


def _new_key_and_chain() -> tuple[rsa.RSAPrivateKey, tuple[x509.Certificate, x509.Certificate]]:
    root_key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        _builder(name=ROOT_NAME, public_key=root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(root=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(root_key, SHA256())
    )
    ours = (
        _builder(name=SEAL_NAME, public_key=key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(root=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(NO_REVOCATION_AVAILABLE, critical=False)
        .sign(root_key, SHA256())
    )
    return key, (ours, root)


def _builder(*, name: str, public_key: rsa.RSAPublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(ROOT_NAME))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINNING)
        .not_valid_after(now + LIFE)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "TEST"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root,
        content_commitment=not root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=root,
        crl_sign=root,
        encipher_only=False,
        decipher_only=False,
    )
