"""A certification authority with OCSP, CRL and timestamps, real servers on loopback; and servers that misbehave beside it."""

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, ServiceLabel
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import make_server

from invoices.sealing.keys.software import PrivateKey, SoftwareKey
from tests.invoices.seals import NOW

Start = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
ARCHITECTURE = "network"
RSA_3072 = {"seal", "stamper"}
KEYS = (
    "root", "issuer", "seal", "elliptic", "revoked", "stamper", "late-stamper", "short-stamper", "revoked-stamper", "soft-stamper",
    "false-stamper", "no-stamper", "responder", "stranger",
)  # fmt: skip


class Misbehaving:
    """What else the server answers, by path; set by a test. asked: the paths that were asked, in order."""

    def __init__(self) -> None:
        self.application: Application | None = None
        self.answers: dict[str, Application] = {}
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        answer = next((answer for prefix, answer in self.answers.items() if path.startswith(prefix)), self.application)
        assert answer is not None
        return answer(environ, start)


def answering(body: bytes, *, status: str = "200 OK", headers: list[tuple[str, str]] | None = None) -> Application:
    """A server that always says that."""

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start(status, [*(headers or []), ("Content-Length", str(len(body)))])
        return [body]

    return application


@dataclass
class World:
    """The authority while its servers run, at one instant; url: of its host."""

    url: str
    server: Misbehaving
    config: CertomancerConfig
    keys: dict[str, PrivateKey]
    at: dt.datetime
    let_go: threading.Event = field(default_factory=threading.Event)

    def certificate(self, label: str) -> x509.Certificate:
        """A certificate by its label."""
        encoded = self.config.get_pki_arch(ArchLabel(ARCHITECTURE)).get_cert(CertLabel(label)).dump()
        return x509.load_der_x509_certificate(encoded)

    def key(self, label: str) -> SoftwareKey:
        """A seal's key, with its certificate and the issuers'."""
        return SoftwareKey(
            private_key=self.keys[label], chain=(self.certificate(label), self.certificate("issuer"), self.certificate("root"))
        )

    def list_of(self, issuer: str) -> bytes:
        """The revocation list of an issuer, at this instant."""
        services = self.config.get_pki_arch(ArchLabel(ARCHITECTURE)).service_registry
        return bytes(services.get_crl(ServiceLabel(issuer), self.at).dump())

    def path(self, service: str, label: str) -> str:
        """The address of a service on its host."""
        return f"/{ARCHITECTURE}/{service}/{label}"

    def until(self, at: dt.datetime) -> Self:
        """The same servers, from now on at another instant."""
        self.at = at
        self.server.application = _application(self.config, at=at)
        return self

    def silent(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """A server that says nothing before the test is over."""
        self.let_go.wait(30)
        start("200 OK", [])
        return [b""]


@contextmanager
def authority(*, at: dt.datetime = NOW) -> Iterator[World]:
    """Run the servers, at that instant."""
    server = Misbehaving()
    http = make_server("127.0.0.1", 0, server, threaded=True)
    url = f"http://127.0.0.1:{http.server_port}"
    with TemporaryDirectory() as folder:
        keys = _keys()
        for label, key in keys.items():
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
            (Path(folder) / f"{label}.pem").write_bytes(pem)
        config = CertomancerConfig(_config(url), key_search_dir=folder)
        world = World(url=url, server=server, config=config, keys=keys, at=at).until(at)
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield world
        finally:
            world.let_go.set()
            http.shutdown()
            thread.join()
            http.server_close()


@cache
def _keys() -> dict[str, PrivateKey]:
    return {
        label: rsa.generate_private_key(public_exponent=65537, key_size=3072)
        if label in RSA_3072
        else ec.generate_private_key(ec.SECP256R1())
        for label in KEYS
    }


def _application(config: CertomancerConfig, *, at: dt.datetime) -> Application:
    application: Application = Animator(AnimatorArchStore(config.pki_archs), at_time=at, with_web_ui=False)
    return application


def _config(url: str) -> dict[str, Any]:
    """What certomancer is to be: a root, an issuer below it, seals and timestamp authorities below that."""
    leaf = {"issuer": "issuer", "authority-key": "issuer", "validity": _days(-30, 3000)}
    of_seal = [_for_use(["digital_signature", "non_repudiation"]), *_asked_at("issuer")]
    of_stamper = [_for_use(["digital_signature"]), _critical("extended_key_usage", ["time_stamping"]), *_asked_at("issuer")]
    of_issuer = [_critical("basic_constraints", {"ca": True}), _for_use(["key_cert_sign", "crl_sign"])]
    revoked = {"revoked-since": (NOW - dt.timedelta(days=2)).isoformat(), "reason": "key_compromise"}
    certificates = {
        "root": {"subject": "root", "issuer": "root", "validity": _days(-900, 9000), "extensions": of_issuer},
        "issuer": {"subject": "issuer", "issuer": "root", "validity": _days(-800, 5000), "extensions": [*of_issuer, _lists("root")]},
        "seal": leaf | {"subject": "seal", "extensions": of_seal},
        "elliptic": leaf | {"subject": "elliptic", "extensions": of_seal},
        "revoked": leaf | {"subject": "revoked", "extensions": of_seal, "revocation": revoked},
        "stamper": leaf | {"subject": "stamper", "extensions": of_stamper},
        "late-stamper": leaf | {"subject": "late-stamper", "extensions": of_stamper, "validity": _days(-30, -1)},
        "short-stamper": leaf | {"subject": "short-stamper", "extensions": of_stamper, "validity": _days(-30, 300)},
        "revoked-stamper": leaf | {"subject": "revoked-stamper", "extensions": of_stamper, "revocation": revoked},
        "soft-stamper": leaf | {"subject": "soft-stamper", "extensions": [of_stamper[0], of_stamper[1] | {"critical": False}]},
        "false-stamper": leaf
        | {"subject": "false-stamper", "issuer": "elliptic", "authority-key": "elliptic", "extensions": of_stamper[:2]},
        "no-stamper": leaf | {"subject": "no-stamper", "extensions": of_seal},
        "responder": leaf
        | {"subject": "responder", "extensions": [_critical("extended_key_usage", ["ocsp_signing"]), {"id": "ocsp_no_check"}]},
        "stranger": {"subject": "stranger", "issuer": "stranger", "validity": _days(-900, 9000), "extensions": of_stamper[:2]},
    }
    names = {label: {"country-name": "FR", "common-name": label.replace("-", " ")} for label in KEYS}
    return {
        "external-url-prefix": url,
        "keysets": {"all": {"keys": {label: {"path": f"{label}.pem"} for label in KEYS}}},
        "pki-architectures": {
            ARCHITECTURE: {"keyset": "all", "entities": names, "certs": certificates, "services": _services()},
        },
    }


def _services() -> dict[str, Any]:
    """Who answers: OCSP for what the issuer made, lists of root and issuer, an authority a stamper."""
    stampers = [label for label in KEYS if "stamper" in label] + ["stranger"]
    return {
        "ocsp": {"issuer": {"for-issuer": "issuer", "responder-cert": "responder", "signing-key": "responder"}},
        "crl-repo": {
            "root": {"for-issuer": "root", "simulated-update-schedule": "P90D"},
            "issuer": {"for-issuer": "issuer", "simulated-update-schedule": "P7D"},
        },
        "time-stamping": {label: {"signing-cert": label, "certs-to-embed": ["issuer", "root", "elliptic"]} for label in stampers},
    }


def _days(first: int, last: int) -> dict[str, str]:
    return {"valid-from": (NOW + dt.timedelta(days=first)).isoformat(), "valid-to": (NOW + dt.timedelta(days=last)).isoformat()}


def _critical(name: str, value: object) -> dict[str, object]:
    return {"id": name, "critical": True, "value": value}


def _for_use(usage: list[str]) -> dict[str, object]:
    return {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": usage}}


def _lists(issuer: str) -> dict[str, object]:
    return {"id": "crl_distribution_points", "smart-value": {"schema": "crl-dist-url", "params": {"crl-repo-names": [issuer]}}}


def _asked_at(issuer: str) -> list[dict[str, object]]:
    responder = {"schema": "aia-urls", "params": {"ocsp-responder-names": [issuer]}}
    return [_lists(issuer), {"id": "authority_information_access", "smart-value": responder}]
