"""A remote signing service on loopback: certomancer's CSC server, and what may go wrong between it and us."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aiohttp import web
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from csc_dummy.csc_dummy_server import CSCWithCertomancer, DummyServiceParams

from invoices.sealing.keys.csc import Credential
from invoices.sealing.keys.software import PrivateKey

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN, PIN, CLIENT_SECRET = "token-6f2c", "pin-4711", "client-secret-77"

CONFIGURATION = """
external-url-prefix: http://localhost
keysets:
  keys:
    path-prefix: .
    keys:
      root: {path: root.pem}
      rsa: {path: rsa.pem}
      elliptic: {path: elliptic.pem}
pki-architectures:
  provider:
    keyset: keys
    entity-defaults: {country-name: FR, organization-name: Prestataire}
    entities:
      root: {common-name: Racine du prestataire}
      rsa: {common-name: Cachet RSA}
      elliptic: {common-name: Cachet elliptique}
    certs:
      root:
        subject: root
        issuer: root
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2045-01-01T00:00:00+0000"}
        extensions:
          - {id: basic_constraints, critical: true, value: {ca: true}}
          - {id: key_usage, critical: true, smart-value: {schema: key-usage, params: [key_cert_sign, crl_sign]}}
      rsa: &leaf
        subject: rsa
        issuer: root
        validity: {valid-from: "2024-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}
        extensions:
          - {id: key_usage, critical: true, smart-value: {schema: key-usage, params: [digital_signature, non_repudiation]}}
      elliptic:
        <<: *leaf
        subject: elliptic
"""


@dataclass
class Provider:
    """The service as its client meets it. asked: what came, in order. disturb: answers instead of it, or None."""

    folder: Path
    root: x509.Certificate
    port: int = 0
    token: str | None = TOKEN
    token_lasts: int = 3600
    tokens_given: int = 0
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    told: dict[str, object] = field(default_factory=dict)
    """What credentials/info says beside what the server says, or instead of it."""
    disturb: Callable[[str, dict[str, object]], Awaitable[web.StreamResponse | None]] | None = None
    turned: Callable[[list[str]], list[str]] | None = None
    """What becomes of the signatures on their way back."""

    def credential(self, name: str = "elliptic", *, version: str = "v1", **more: object) -> Credential:
        """How to reach one of its keys: rsa or elliptic (the server is quicker with that)."""
        settings = {"timeout": 5.0, "notes": self.folder} | more
        return Credential(url=f"http://127.0.0.1:{self.port}/csc/{version}", name=f"provider/{name}", **settings)  # type: ignore[arg-type]

    def asked_for(self, endpoint: str) -> list[dict[str, object]]:
        """The bodies that came to that endpoint."""
        return [body for path, body in self.asked if path.endswith(endpoint)]

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Between the client and certomancer: the door, the second version's words, and what is disturbed."""
        if request.path == "/token":
            return await self._give_token(request)
        if not request.path.startswith(("/csc/v1/", "/csc/v2/")):
            return await handler(request)
        body = await request.json()
        self.asked.append((request.path, body))
        if self.disturb and (disturbed := await self.disturb(request.path, body)) is not None:
            return disturbed
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"error": "invalid_token"}, status=401)
        second = request.path.startswith("/csc/v2/")
        if second and "hashes" in body:  # certomancer speaks the first version
            request._read_bytes = json.dumps(body | {"hash": body["hashes"], "hashAlgo": body["hashAlgorithmOID"]}).encode()
        answer = await handler(request)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.body, bytes)
        said = json.loads(answer.body)
        if request.path.endswith("credentials/info"):
            if second:
                said["auth"] = {"mode": said.pop("authMode")}
            said |= self.told
        if self.turned and "signatures" in said:
            said["signatures"] = self.turned(said["signatures"])
        return web.json_response(said)

    async def _give_token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") != "client_credentials" or form.get("client_secret") != CLIENT_SECRET:
            return web.json_response({"error": "invalid_client", "error_description": f"not {form}"}, status=401)
        self.tokens_given += 1
        return web.json_response({"access_token": self.token, "token_type": "Bearer", "expires_in": self.token_lasts})


@contextmanager
def provider(folder: Path, *, pinned: bool = True, multisign: int = 10, more: Mapping[str, Handler] | None = None) -> Iterator[Provider]:
    """Serve on loopback until the block ends. pinned: whether an authorisation is for these hashes alone (SCAL 2).

    more: other paths, each with what answers there.
    """
    for name, key in _keys().items():
        (folder / f"{name}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certomancer.yml").write_text(CONFIGURATION)
    configuration = CertomancerConfig.from_file(str(folder / "certomancer.yml"))
    parameters = DummyServiceParams(hash_pinning_required=pinned, multisign=multisign)
    server = CSCWithCertomancer(configuration, service_params=parameters)
    server.register_routes()
    server.app.router.add_post("/csc/v2/credentials/info", server.credentials_info)
    server.app.router.add_post("/csc/v2/credentials/authorize", server.credentials_authorize)
    server.app.router.add_post("/csc/v2/signatures/signHash", server.signatures_sign_hash)
    server.app.router.add_post("/token", server.info)
    for path, answer in (more or {}).items():
        server.app.router.add_post(path, answer)
    root = configuration.get_pki_arch(ArchLabel("provider")).get_cert(CertLabel("root"))
    there = Provider(folder=folder, root=x509.load_der_x509_certificate(root.dump()))

    @web.middleware
    async def between(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await there.answer(request, handler)

    server.app.middlewares.append(between)
    with _served(server.app) as there.port:
        yield there


@contextmanager
def _served(app: web.Application) -> Iterator[int]:
    loop, runner = asyncio.new_event_loop(), web.AppRunner(app, shutdown_timeout=0.1)

    async def begin() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(begin(), loop).result(timeout=30)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@cache
def _keys() -> dict[str, PrivateKey]:
    return {
        "root": ec.generate_private_key(ec.SECP256R1()),
        "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "elliptic": ec.generate_private_key(ec.SECP256R1()),
    }
