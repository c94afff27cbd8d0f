"""A seal's key at a remote signing service (Cloud Signature Consortium API, v1.0.4 and v2): hashes go out, signatures back.

The provider keeps the key in a device of its own. What it answers is checked before it is given on. No session is kept:
nothing is shared over threads or forks, and a call that was lost is made again by whoever asked.
"""

import base64
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from invoices.sealing.keys import Home, SealKeyUnavailable, check_it_is_made_for_sealing
from invoices.sealing.keys.calling import Bearer, Rejected, call, call_with_form, check_it_is_private, host
from invoices.sealing.keys.certificates import PublicKey, are_signatures, chain_from, public_key, signature_size
from invoices.sealing.keys.pins import PinRefused, one_try
from selfbilling.errors import Unavailable
from selfbilling.secret import NOTHING, Secret

SHA256 = "2.16.840.1.101.3.4.2.1"
RSA_ALGORITHMS = ("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1")  # with SHA-256; or by itself, the hash named beside it
ELLIPTIC_ALGORITHMS = ("1.2.840.10045.4.3.2",)
LARGEST_BATCH = 100  # signatures asked for at once, whatever the provider allows: each answer comes before the timeout
MARGIN = 60  # seconds before its end in which a token is no longer used


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Which key of which provider, and how we may use it.

    url: as far as the version (https://…/csc/v1 or /csc/v2). name: the credential's (credentialID). pin: for a credential
    that is unlocked by one. Either access_token, or token_url with client and client_secret (OAuth 2.0, client
    credentials). notes: a folder of this machine where a refused PIN is noted (see pins). timeout: seconds.
    """

    url: str
    name: str
    notes: Path
    pin: Secret = NOTHING
    access_token: Secret = NOTHING
    token_url: str = ""
    client: str = ""
    client_secret: Secret = NOTHING
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"credential « {self.name} » at {host(self.url)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What two versions of the API call the same."""

    hashes: str
    algorithm: str


V1 = _Words(hashes="hash", algorithm="hashAlgo")
V2 = _Words(hashes="hashes", algorithm="hashAlgorithmOID")


class _Service:
    """The provider's endpoints, with the access token that they want."""

    def __init__(self, credential: Credential) -> None:
        check_it_is_private(credential.url)
        if credential.token_url:
            check_it_is_private(credential.token_url)
        self._credential = credential
        self._renewing = threading.Lock()
        self._token = credential.access_token
        self._ends = float("inf") if credential.access_token else 0.0

    def call(self, endpoint: str, body: Mapping[str, object]) -> dict[str, object]:
        """Raises Rejected, Unavailable; a token that is refused is asked for once more, if there is one to ask for."""
        try:
            return self._call(endpoint, body)
        except Rejected as rejected:
            if rejected.status != HTTPStatus.UNAUTHORIZED or "pin" in rejected.code.lower():
                raise
        if self._credential.token_url:
            self._ends = 0.0
            return self._call(endpoint, body)
        raise SealKeyUnavailable(
            f"The signing service {host(self._credential.url)} refuses our access token: get a new one from the provider, and set it."
        )

    def _call(self, endpoint: str, body: Mapping[str, object]) -> dict[str, object]:
        url = f"{self._credential.url.rstrip('/')}/{endpoint}"
        return call(url, body=body, auth=self._bearer(), timeout=self._credential.timeout)

    def _bearer(self) -> Bearer | None:
        with self._renewing:
            if self._credential.token_url and time.monotonic() > self._ends - MARGIN:
                self._renew()
            return Bearer(token=self._token) if self._token else None

    def _renew(self) -> None:
        asking = self._credential
        form: dict[str, str | Secret] = {
            "grant_type": "client_credentials",
            "client_id": asking.client,
            "client_secret": asking.client_secret,
        }
        try:
            answer = call_with_form(asking.token_url, form=form, timeout=asking.timeout)
        except Rejected as rejected:
            code = rejected.code
        else:
            lasts = answer.get("expires_in", 3600)
            self._token = Secret(str(answer.get("access_token", "")))
            self._ends = time.monotonic() + (float(lasts) if isinstance(lasts, int | float) else 3600.0)
            return
        raise SealKeyUnavailable(
            f"{host(asking.token_url)} gives the client « {asking.client} » no access token ({code or 'no reason given'}): "
            "correct client and secret."
        )


class RemoteKey:
    """A SealKey at a provider."""

    home = Home.DEVICE  # of the provider's, which its certificate answers for

    def __init__(self, credential: Credential) -> None:
        self._credential = credential
        self._service = _Service(credential)
        self._words = V2 if credential.url.rstrip("/").endswith("/v2") else V1
        try:
            information = self._service.call(
                "credentials/info",
                {"credentialID": credential.name, "certificates": "chain", "certInfo": False, "authInfo": True},
            )
        except Rejected as rejected:
            code = f"{rejected.status} {rejected.code}".rstrip()
            raise SealKeyUnavailable(f"There is no {credential} for us ({code}): correct its name, or ask the provider.") from None
        self._wants_pin = _wants_pin(information, credential=credential)
        self.chain = _chain(information, credential=credential)
        self._public = public_key(self.chain[0])
        self._algorithm = _algorithm(information, key=self._public, credential=credential)
        multisign = information.get("multisign", 1)
        self._batch = min(max(multisign if isinstance(multisign, int) else 1, 1), LARGEST_BATCH)

    @property
    def signature_size(self) -> int:
        """Bytes of a signature, at most."""
        return signature_size(self._public)

    def sign(self, digests: Sequence[bytes]) -> list[bytes]:
        """Sign SHA-256 digests, in their order: an authorisation for as many at once as the provider allows.

        Raises Unavailable; what was signed before that is asked for again.
        """
        batches = [digests[start : start + self._batch] for start in range(0, len(digests), self._batch)]
        return [signature for batch in batches for signature in self._signed(batch)]

    def _signed(self, digests: Sequence[bytes]) -> list[bytes]:
        hashes = [base64.b64encode(digest).decode() for digest in digests]
        answer = self._service.call(
            "signatures/signHash",
            {
                "credentialID": self._credential.name,
                "SAD": self._authorisation(hashes),
                "signAlgo": self._algorithm,
                self._words.hashes: hashes,
                self._words.algorithm: SHA256,
            },
        )
        given = answer.get("signatures")
        signatures = [_decoded(one) for one in given] if isinstance(given, list) else []
        if not are_signatures(signatures, digests=digests, by=self._public):
            raise Unavailable(
                f"The {self._credential} gave {len(signatures)} signatures for {len(digests)} hashes, not all of them ours in our order: "
                "none is used; tell the provider."
            )
        return signatures

    def _authorisation(self, hashes: Sequence[str]) -> Secret:
        """The signature activation data for these hashes (credentials/authorize). Raises Rejected, PinRefused, Unavailable."""
        body: dict[str, object] = {"credentialID": self._credential.name, "numSignatures": len(hashes), self._words.hashes: hashes}
        if self._words is V2:
            body[V2.algorithm] = SHA256
        if self._wants_pin and self._words is V2:
            body["authData"] = [{"id": "PIN", "value": self._credential.pin}]
        elif self._wants_pin:
            body["PIN"] = self._credential.pin
        with self._pin_given():
            try:
                given = self._service.call("credentials/authorize", body).get("SAD")
                code = None
            except Rejected as rejected:
                if not self._wants_pin:
                    raise
                code = f"{rejected.status} {rejected.code}".rstrip()
            if code is not None:  # whatever its word for it, it may have been the PIN
                raise PinRefused(f"The {self._credential} refused the seal's PIN ({code}): correct it. It is not given again before that.")
        if not isinstance(given, str):
            raise Unavailable(f"The {self._credential} authorises without signature activation data: tell the provider.")
        return Secret(given)

    def _pin_given(self) -> AbstractContextManager[None]:
        return one_try(of=str(self._credential), notes=self._credential.notes) if self._wants_pin else nullcontext()


def _wants_pin(information: Mapping[str, object], *, credential: Credential) -> bool:
    """Whether each authorisation takes the PIN. Raises SealKeyUnavailable for a key that does not seal by itself."""
    states = {_within(information, "key").get("status"), _within(information, "cert").get("status")}
    if states & {"disabled", "revoked", "suspended"}:
        raise SealKeyUnavailable(f"The key or certificate of {credential} is disabled, suspended or revoked: ask the provider.")
    auth = _within(information, "auth")
    mode = information.get("authMode", auth.get("mode", "implicit"))
    objects = auth.get("objects", [])
    asked = {one.get("id") for one in objects if isinstance(one, dict)} if isinstance(objects, list) else set()
    if mode not in {"implicit", "explicit"} or "OTP" in asked or _within(information, "OTP").get("presence") == "true":
        raise SealKeyUnavailable(
            f"The {credential} wants a person for each authorisation (one-time password or login): "
            "ask the provider for one that seals automatically."
        )
    if mode == "explicit" and not credential.pin:
        raise SealKeyUnavailable(f"The {credential} is unlocked by a PIN, and none is set: set the seal's PIN.")
    return mode == "explicit"


def _chain(information: Mapping[str, object], *, credential: Credential) -> tuple[x509.Certificate, ...]:
    """Ours comes first (CSC v1 §11.5). Raises SealKeyUnavailable."""
    given = _within(information, "cert").get("certificates")
    try:
        found = [x509.load_der_x509_certificate(_decoded(one)) for one in given] if isinstance(given, list) else []
    except ValueError:
        found = []
    if not found:
        raise SealKeyUnavailable(f"The {credential} comes without a certificate that can be read: ask the provider.")
    check_it_is_made_for_sealing(found[0])
    return chain_from(found[0], others=found[1:])


def _algorithm(information: Mapping[str, object], *, key: PublicKey, credential: Credential) -> str:
    """The first of ours that the provider has. Raises SealKeyUnavailable."""
    offered = _within(information, "key").get("algo")
    for ours in RSA_ALGORITHMS if isinstance(key, rsa.RSAPublicKey) else ELLIPTIC_ALGORITHMS:
        if isinstance(offered, list) and ours in offered:
            return ours
    raise SealKeyUnavailable(f"The {credential} signs neither with RSA (PKCS#1 v1.5) nor ECDSA over SHA-256: ask the provider.")


def _within(information: Mapping[str, object], name: str) -> dict[str, object]:
    inner = information.get(name)
    return inner if isinstance(inner, dict) else {}


def _decoded(text: object) -> bytes:
    """The bytes of a base64 text; none of what is not one."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""
