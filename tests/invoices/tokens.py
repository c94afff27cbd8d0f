"""SoftHSM: tokens in a folder, with keys made there and certificates of any kind; a real PKCS#11 module."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from pkcs11 import Attribute, CertificateType, KeyType, MechanismFlag, ObjectClass
from pkcs11.util import ec as elliptic_curve
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key

from invoices.sealing.keys.pkcs11 import Token
from invoices.sealing.keys.software import PrivateKey
from selfbilling.secret import Secret
from tests.invoices.seals import ISSUING, SEALING, certificate

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, WRONG_PIN = "735-right", "911-wrong"
NEEDED = pytest.mark.requires("softhsm2-util")


@contextmanager
def soft_hsm(folder: Path) -> Iterator[Path]:
    """SoftHSM with its tokens in that folder, for this process and those that it starts."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


@dataclass(frozen=True, kw_only=True)
class Made:
    """A token with a key, and the chain of its certificate."""

    token: Token
    chain: tuple[x509.Certificate, x509.Certificate]


def made(
    folder: Path,
    *,
    label: str,
    elliptic: bool = True,
    asks_each_time: bool = False,
    certified: bool = True,
    more: Sequence[x509.ExtensionType] = (),
    days: tuple[int, int] = (-30, 700),
    usage: x509.KeyUsage = SEALING,
) -> Made:
    """A new token whose key was made in it. certified: whether the certificate and its issuer's lie in it too."""
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "so-pin-1", "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    look_again()
    session = pkcs11.lib(str(MODULE)).get_token(token_label=label).open(rw=True, user_pin=PIN)
    try:
        public = _key_pair(session, elliptic=elliptic, asks_each_time=asks_each_time)
        by = ec.generate_private_key(ec.SECP256R1())
        root = certificate("Autorité", issuer="Autorité", of=by, by=by, days=(-900, 9000), extensions=[ISSUING])
        of = cast(PrivateKey, _Held(public))
        ours = certificate("Réseau Relais", issuer="Autorité", of=of, by=by, days=days, extensions=[usage, *more])
        if certified:
            for one in (root, ours):
                store(session, one)
    finally:
        session.close()
    return Made(token=Token(module=MODULE, label=label, pin=Secret(PIN), notes=folder, key="seal"), chain=(ours, root))


def import_key(file: Path, *, label: str, key: str) -> None:
    """Import a private key (PKCS#8, PEM) into that token, under that label."""
    command = ["softhsm2-util", "--import", str(file), "--token", label, "--label", key, "--id", "ab", "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    look_again()


def look_again() -> None:
    """The module reads its folder anew, as after a device was plugged in; every session ends."""
    pkcs11.lib(str(MODULE)).reinitialize()


def store(session: pkcs11.Session, one: x509.Certificate) -> None:
    """Write a certificate onto a token."""
    session.create_object(
        {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
            Attribute.TOKEN: True,
            Attribute.SUBJECT: one.subject.public_bytes(),
            Attribute.VALUE: one.public_bytes(Encoding.DER),
        }
    )


class _Held:
    """Stands for a private key that nobody has: its public one is known."""

    def __init__(self, public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> None:
        self._public = public

    def public_key(self) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
        return self._public


def _key_pair(session: pkcs11.Session, *, elliptic: bool, asks_each_time: bool) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    private = {Attribute.ALWAYS_AUTHENTICATE: True} if asks_each_time else {}
    capabilities = MechanismFlag.SIGN | MechanismFlag.VERIFY
    options: dict[str, Any] = {"id": b"\x07", "label": "seal", "store": True, "capabilities": capabilities, "private_template": private}
    if elliptic:
        curve = {Attribute.EC_PARAMS: elliptic_curve.encode_named_curve_parameters("secp256r1")}
        pair = session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(**options)
        public = load_der_public_key(encode_ec_public_key(pair[0]))
    else:
        public = load_der_public_key(encode_rsa_public_key(session.generate_keypair(KeyType.RSA, 2048, **options)[0]))
    assert isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    return public
