"""A mail server with TLS and a login: its certificate is checked, its refusal names the settings."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from invoices.delivery.transports import Answer, MailUnavailable, Outcome
from invoices.delivery.transports.smtp import Smtp
from tests.invoices.archived import MailServer, mail_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a mail server")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


@pytest.fixture
def server(certificate: Path) -> Iterator[MailServer]:
    """It takes a login over STARTTLS only: relais, with the password right."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def known(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"relais", b"right"), handled=False)

    with mail_server(SimpleNamespace(), tls_context=context, authenticator=known, auth_required=True) as running:
        yield running


def handed_over(server: MailServer, *, password: str = "right") -> Answer:
    smtp = Smtp(host="127.0.0.1", port=server.port, security="starttls", user="relais", password=password, timeout=10)
    return smtp.hand_over(b"Subject: x\r\n\r\nx", message_id="<a@b>", sender="a@b.fr", recipient="c@d.fr")


def test_with_tls_and_the_right_password(server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert handed_over(server).outcome is Outcome.TAKEN
    assert len(server.taken) == 1


def test_a_wrong_password_names_its_settings(server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(MailUnavailable, match=r"refuses the login .*look at SMTP_USER and SMTP_PASSWORD"):
        handed_over(server, password="wrong")


def test_a_certificate_of_nobody_known_gets_no_mail(server: MailServer) -> None:
    with pytest.raises(MailUnavailable, match=r"does not agree on SMTP_SECURITY=starttls .*CERTIFICATE_VERIFY_FAILED"):
        handed_over(server)
    assert server.taken == []
