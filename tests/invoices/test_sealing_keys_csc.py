"""A key at a remote signing service: many hashes in one authorisation, and nothing wrong is believed."""

import asyncio
import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from invoices.sealing.keys import Home, SealKeyUnavailable
from invoices.sealing.keys.csc import RemoteKey
from invoices.sealing.keys.pins import PinRefused
from invoices.sealing.seal import prepare, seal
from selfbilling.errors import Unavailable
from selfbilling.secret import Secret
from tests.invoices.keys_at_work import is_valid_to_pyhanko, shown
from tests.invoices.seals import NOW, plain_pdf
from tests.invoices.signing_service import CLIENT_SECRET, PIN, TOKEN, Provider, provider

DIGESTS = [bytes([number]) * 32 for number in range(5)]
GIVEN = Secret(TOKEN)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Provider]:
    with provider(tmp_path, multisign=2) as serving:
        yield serving


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("name", ["rsa", "elliptic"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_it_seals_many_and_a_stranger_finds_each_seal_valid(tmp_path: Path, pinned: bool, name: str, version: str) -> None:
    with provider(tmp_path, pinned=pinned, multisign=2) as there:
        key = RemoteKey(there.credential(name, version=version, access_token=GIVEN))
        prepared = [prepare(plain_pdf(str(number)), key=key, at=NOW) for number in range(3)]
        signatures = key.sign([one.to_sign for one in prepared])
    assert key.home == Home.DEVICE
    assert key.chain[1] == there.root
    for one, signature in zip(prepared, signatures, strict=True):
        assert is_valid_to_pyhanko(one.sealed(signature), root=there.root)


def test_an_authorisation_is_for_as_many_hashes_as_the_provider_allows(there: Provider) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))
    assert len(key.sign(DIGESTS)) == 5
    assert [body["numSignatures"] for body in there.asked_for("authorize")] == [2, 2, 1]
    assert [len(body["hash"]) for body in there.asked_for("signHash")] == [2, 2, 1]  # type: ignore[arg-type]
    assert len(there.asked_for("info")) == 1
    assert key.sign([]) == []


@pytest.mark.parametrize(("multisign", "batches"), [(1_000_000, [100, 1]), (60, [60, 41]), (0, [1] * 101), ("many", [1] * 101)])
def test_a_batch_has_a_size_that_is_answered_in_time(there: Provider, multisign: object, batches: list[int]) -> None:
    there.told = {"multisign": multisign}
    key = RemoteKey(there.credential("elliptic", access_token=GIVEN))
    assert len(key.sign([bytes([number]) * 32 for number in range(101)])) == 101
    assert [body["numSignatures"] for body in there.asked_for("authorize")] == batches


def test_an_access_token_is_asked_for_and_kept_until_it_ends(there: Provider) -> None:
    asking = there.credential(token_url=f"http://127.0.0.1:{there.port}/token", client="relais", client_secret=Secret(CLIENT_SECRET))
    key = RemoteKey(asking)
    key.sign(DIGESTS)
    assert there.tokens_given == 1
    there.token = "token-next"  # the first was withdrawn
    key.sign(DIGESTS[:1])
    assert there.tokens_given == 2
    there.token_lasts, there.token = 1, "token-short"
    key.sign(DIGESTS[:1])
    assert there.tokens_given > 3  # one that ends at once is asked for at each call


def test_a_client_that_gets_no_token_says_so(there: Provider) -> None:
    asking = there.credential(token_url=f"http://127.0.0.1:{there.port}/token", client="relais", client_secret=Secret("wrong-88"))
    with pytest.raises(SealKeyUnavailable, match=r"« relais » no access token \(invalid_client\)") as refusal:
        RemoteKey(asking)
    assert "wrong-88" not in shown(refusal.value)


# What the operator has to mend


def test_a_refused_token_and_an_unknown_credential_say_so(there: Provider) -> None:
    with pytest.raises(SealKeyUnavailable, match="refuses our access token"):
        RemoteKey(there.credential(access_token=Secret("another")))
    with pytest.raises(SealKeyUnavailable, match=r"no credential « provider/absent » .*\(404\): correct its name"):
        RemoteKey(there.credential("absent", access_token=GIVEN))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"authMode": "oauth2code"}, "wants a person"),
        ({"authMode": "explicit", "OTP": {"presence": "true"}}, "wants a person"),
        ({"auth": {"mode": "explicit", "objects": [{"id": "OTP"}]}, "authMode": "explicit"}, "wants a person"),
        ({"authMode": "explicit"}, "none is set"),
        ({"key": {"status": "disabled"}}, "disabled, suspended or revoked"),
        ({"cert": {"status": "revoked", "certificates": []}}, "disabled, suspended or revoked"),
        ({"key": {"algo": ["1.2.840.113549.1.1.10"]}}, "signs neither"),  # RSA-PSS alone
        ({"key": {}}, "signs neither"),
        ({"cert": {}}, "without a certificate"),
        ({"cert": {"certificates": ["AAAA"]}}, "without a certificate"),
        ({"cert": {"certificates": [7]}}, "without a certificate"),
    ],
)
def test_a_credential_that_cannot_seal_by_itself_says_why(there: Provider, told: dict[str, object], said: str) -> None:
    there.told = told
    with pytest.raises(SealKeyUnavailable, match=said):
        RemoteKey(there.credential(access_token=GIVEN))


@pytest.mark.parametrize("url", ["http://sign.example/csc/v1", "ftp://127.0.0.1/csc/v1", "http://u:hunter2@sign.example/csc/v1"])
def test_a_pin_never_travels_in_the_clear(tmp_path: Path, there: Provider, url: str) -> None:
    for credential in (replace(there.credential(), url=url), there.credential(token_url=url)):
        with pytest.raises(SealKeyUnavailable, match="must begin with https://") as refusal:
            RemoteKey(credential)
        assert "hunter2" not in str(refusal.value)


# The PIN


def wants_pin(there: Provider, *, status: int = 400) -> None:
    """The provider unlocks the key by a PIN, and says what it got if it is another one."""

    async def disturb(path: str, body: dict[str, object]) -> web.Response | None:
        given = body.get("authData") if "/v2/" in path else body.get("PIN")
        if path.endswith("authorize") and given not in (PIN, [{"id": "PIN", "value": PIN}]):
            return web.json_response({"error": "invalid_pin", "error_description": f"not {given}"}, status=status)
        return None

    there.told, there.disturb = {"authMode": "explicit", "auth": {"mode": "explicit"}}, disturb


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_pin_unlocks_each_authorisation(there: Provider, version: str) -> None:
    wants_pin(there)
    key = RemoteKey(there.credential(version=version, access_token=GIVEN, pin=Secret(PIN)))
    assert len(key.sign(DIGESTS)) == 5


@pytest.mark.parametrize(("version", "status"), [("v1", 400), ("v2", 400), ("v1", 401), ("v1", 403)])
def test_a_wrong_pin_is_given_once(there: Provider, version: str, status: int) -> None:
    wants_pin(there, status=status)
    wrong = there.credential(version=version, access_token=GIVEN, pin=Secret("pin-wrong-9"))
    with pytest.raises(PinRefused, match=f"refused the seal's PIN .{status} invalid_pin") as refusal:
        RemoteKey(wrong).sign(DIGESTS)
    assert "pin-wrong-9" not in shown(refusal.value)
    right = RemoteKey(replace(wrong, pin=Secret(PIN)))
    with pytest.raises(SealKeyUnavailable, match="not given again, lest it be locked"):
        right.sign(DIGESTS)
    assert len(there.asked_for("authorize")) == 1
    (note,) = there.folder.glob("seal-pin-refused-*")
    note.unlink()
    assert right.sign(DIGESTS)


def test_an_access_token_that_ended_is_no_wrong_pin(there: Provider) -> None:
    wants_pin(there)
    key = RemoteKey(there.credential(access_token=GIVEN, pin=Secret(PIN)))
    there.token = "another"
    with pytest.raises(SealKeyUnavailable, match="refuses our access token"):
        key.sign(DIGESTS)
    assert not list(there.folder.glob("seal-pin-refused-*"))


def test_a_pin_that_nobody_asked_for_stays_here(there: Provider) -> None:
    RemoteKey(there.credential(access_token=GIVEN, pin=Secret(PIN))).sign(DIGESTS)
    assert PIN not in str(there.asked)


def test_nothing_shows_a_secret(there: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wants_pin(there)
    token_url = f"http://127.0.0.1:{there.port}/token"
    credential = there.credential(pin=Secret(PIN), token_url=token_url, client="relais", client_secret=Secret(CLIENT_SECRET))
    key = RemoteKey(credential)
    key.sign(DIGESTS)
    there.turned = lambda signatures: signatures[::-1]
    with pytest.raises(Unavailable) as refusal:
        key.sign(DIGESTS)
    text = shown(refusal.value) + caplog.text + repr(credential) + str(credential) + repr(vars(key)) + repr(vars(key._service))
    assert not [secret for secret in (PIN, TOKEN, CLIENT_SECRET) if secret in text]


@pytest.mark.parametrize(("status", "said"), [(503, "come back later .503."), (400, "refuses .400 invalid_request.")])
def test_the_activation_data_are_a_secret_too(there: Provider, status: int, said: str) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))

    async def disturb(path: str, body: dict[str, object]) -> web.Response:
        if path.endswith("authorize"):
            return web.json_response({"SAD": "sad-3141"})
        return web.json_response({"error": "invalid_request", "error_description": f"{body['SAD']} ended"}, status=status)

    there.disturb = disturb
    with pytest.raises(Unavailable, match=said) as refusal:
        key.sign(DIGESTS)
    assert there.asked_for("signHash")[0]["SAD"] == "sad-3141"
    assert "sad-3141" not in shown(refusal.value)


# A provider that is away, slow or busy


def answering(there: Provider, answer: Callable[[], web.StreamResponse]) -> None:
    async def disturb(path: str, body: dict[str, object]) -> web.StreamResponse | None:
        return answer()

    there.disturb = disturb


def test_a_provider_that_is_away_is_waited_for(tmp_path: Path) -> None:
    with provider(tmp_path) as there:
        key = RemoteKey(there.credential(access_token=GIVEN))
    with pytest.raises(Unavailable, match="does not answer") as refusal:
        key.sign(DIGESTS)
    assert not isinstance(refusal.value, SealKeyUnavailable)
    assert TOKEN not in shown(refusal.value)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_busy_provider_is_waited_for(there: Provider, status: int) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))
    answering(there, lambda: web.Response(status=status, text="<html>"))
    with pytest.raises(Unavailable, match=f"come back later \\({status}\\)") as refusal:
        key.sign(DIGESTS)
    assert not isinstance(refusal.value, SealKeyUnavailable)
    there.disturb = None
    assert len(key.sign(DIGESTS)) == 5


def test_a_provider_that_says_nothing_is_not_waited_for_forever(there: Provider) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN, timeout=0.2))

    async def disturb(path: str, body: dict[str, object]) -> None:
        await asyncio.Event().wait()

    there.disturb = disturb
    with pytest.raises(Unavailable, match="does not answer"):
        key.sign(DIGESTS)


def test_an_answer_in_drops_is_not_waited_for_forever(tmp_path: Path) -> None:
    """Each drop comes in time, the whole never would."""

    async def drops(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), timeout=0.02)

    with (
        provider(tmp_path, more={"/csc/v3/credentials/info": drops}) as there,
        pytest.raises(Unavailable, match="nothing that can be read"),
    ):
        RemoteKey(there.credential(version="v3", access_token=GIVEN, timeout=0.2))


def test_a_redirect_is_not_followed(there: Provider) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))
    for status in (301, 302, 307, 308):
        answering(there, lambda status=status: web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"}))  # type: ignore[misc]
        with pytest.raises(SealKeyUnavailable, match=f"has moved \\({status}\\)"):
            key.sign(DIGESTS)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[1]", b"{}", b"\xff", b"{" * 100_000, b'{"SAD": "' + b"x" * 3_000_000 + b'"}'])
def test_an_answer_that_cannot_be_read_is_nobodys_signature(there: Provider, answer: bytes) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))
    answering(there, lambda: web.Response(body=answer))
    with pytest.raises(Unavailable, match="nothing that can be read"):
        key.sign(DIGESTS)


# A provider that mixes things up


def another_message(signatures: list[str]) -> list[str]:
    return [base64.b64encode(bytes(256)).decode(), *signatures[1:]]


@pytest.mark.parametrize(
    "turned",
    [
        lambda signatures: signatures[::-1],
        lambda signatures: signatures[:-1],
        lambda signatures: [*signatures, signatures[0]],
        lambda signatures: [signatures[0]] * len(signatures),
        another_message,
        lambda signatures: ["é"] * len(signatures),
        lambda signatures: [None] * len(signatures),
        lambda signatures: None,
        lambda signatures: {"0": signatures[0]},
    ],
)
@pytest.mark.parametrize("name", ["rsa", "elliptic"])
def test_signatures_that_are_not_ours_in_our_order_are_not_used(
    there: Provider, name: str, turned: Callable[[list[str]], list[str]]
) -> None:
    key = RemoteKey(there.credential(name, access_token=GIVEN))
    there.turned = turned
    with pytest.raises(Unavailable, match="none is used"):
        key.sign(DIGESTS)


def test_an_authorisation_without_its_data_is_none(there: Provider) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))
    answering(there, lambda: web.json_response({"expiresIn": 3600}))
    with pytest.raises(Unavailable, match="without signature activation data"):
        key.sign(DIGESTS)


def test_the_certificate_of_a_provider_seals_only_in_its_time(there: Provider) -> None:
    key = RemoteKey(there.credential(access_token=GIVEN))
    with pytest.raises(SealKeyUnavailable, match="expired"):
        seal(plain_pdf(), key=key, at=NOW.replace(year=2041))
