"""A certification authority in memory: whose seal key is measured, and who answers at once where a network would be asked."""

import datetime as dt

from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.tsp import TimeStampReq
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from invoices.sealing import der
from invoices.sealing.keys import fingerprint
from invoices.sealing.keys.software import SoftwareKey
from invoices.sealing.revocation import KEPT, Cache, Known
from invoices.sealing.timestamps import request
from invoices.sealing.validation_data import ValidationData, crl_statement, ocsp_statement

KEY_SIZE = 3072  # bits, of every key
_VALID = dt.timedelta(days=700)
_FRESH = dt.timedelta(days=7)
_NONCE = der.encode(der.INTEGER, b"\x7f" * 9)


class Authority:
    """A root, an issuer below it; below that a seal, a timestamp authority and an OCSP responder, all by RSA.

    at: the instant when everything was made, whole seconds. known: what was asked of revocation, as a process keeps it.
    """

    def __init__(self, *, at: dt.datetime) -> None:
        self.at = at
        self._keys = {
            name: rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
            for name in ("root", "issuer", "seal", "stamper", "responder")
        }
        self._root = self._certificate("root", by="root")
        self._issuer = self._certificate("issuer", by="root")
        self._responder = self._certificate("responder", by="issuer")
        self._stamper = self._certificate("stamper", by="issuer")
        self.private_key = self._keys["seal"]
        self.key = SoftwareKey(private_key=self.private_key, chain=(self._certificate("seal", by="issuer"), self._issuer, self._root))
        self.trusted = (self._root,)
        of_leaves = {fingerprint(one): self._known_by_ocsp(one) for one in (self.key.chain[0], self._stamper)}
        self.known: Cache = {**of_leaves, fingerprint(self._issuer): self._known_by_list()}
        self._tokens: dict[bytes, bytes] = {}
        self._timestamps = DummyTimeStamper(
            tsa_cert=_asn1(self._stamper),
            tsa_key=PrivateKeyInfo.load(self._keys["stamper"].private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
            certs_to_embed=[_asn1(self._issuer)],  # type: ignore[arg-type]  # it makes a list of it
            fixed_dt=at,
        )

    def token(self, digest: bytes) -> bytes:
        """A timestamp token (RFC 3161) over data of that SHA-256; the same whenever it is asked."""
        if digest not in self._tokens:
            answer = self._timestamps.request_tsa_response(TimeStampReq.load(request(digest, nonce=_NONCE)))
            self._tokens[digest] = bytes(answer["time_stamp_token"].dump())
        return self._tokens[digest]

    def _certificate(self, name: str, *, by: str) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(by))
            .public_key(self._keys[name].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - _VALID)
            .not_valid_after(self.at + _VALID)
        )
        for extension, critical in _extensions(name):
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self._keys[by], SHA256())

    def _known_by_ocsp(self, certificate: x509.Certificate) -> Known:
        answer = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=certificate,
                issuer=self._issuer,
                algorithm=SHA1(),  # noqa: S303  (it only names the issuer)
                cert_status=ocsp.OCSPCertStatus.GOOD,
                this_update=self.at,
                next_update=self.at + _FRESH,
                revocation_time=None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self._responder)
            .certificates([self._responder])
            .sign(self._keys["responder"], SHA256())
            .public_bytes(Encoding.DER)
        )
        said = ocsp_statement(answer, certificate=certificate, issuer=self._issuer, at=self.at)
        data = ValidationData(certificates=(self._responder.public_bytes(Encoding.DER),), ocsps=(said.encoded,))
        return Known(data=data, until=self.at + KEPT)

    def _known_by_list(self) -> Known:
        listed = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._root.subject)
            .last_update(self.at)
            .next_update(self.at + _FRESH)
            .sign(self._keys["root"], SHA256())
            .public_bytes(Encoding.DER)
        )
        said = crl_statement(listed, certificate=self._issuer, issuer=self._root, at=self.at)
        return Known(data=ValidationData(crls=(said.encoded,)), until=self.at + KEPT)


def _extensions(name: str) -> list[tuple[x509.ExtensionType, bool]]:
    """What a certificate of that name is for, each with whether it is critical."""
    if name in {"root", "issuer"}:
        return [(x509.BasicConstraints(ca=True, path_length=None), True)]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.KeyUsage(True, name == "seal", False, False, False, False, False, False, False), True),
    ]
    if name == "stamper":
        extensions.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True))
    if name == "responder":
        extensions += [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False), (x509.OCSPNoCheck(), False)]
    return extensions


def _name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"TEST {name} of a bench"),
        ]
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
