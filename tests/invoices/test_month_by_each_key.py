"""A small month by each key's home: a token, a remote service; each seal is by that key, and says where it is."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pytest_django import Settings

from invoices import leasing, production, proving, working
from invoices.models import Document, Due
from invoices.sealing.keys import fingerprint
from invoices.sealing.keys.csc import Credential
from invoices.sealing.keys.pkcs11 import Token
from selfbilling.errors import Unavailable
from selfbilling.secret import Secret
from tests.invoices import tokens
from tests.invoices.leveled import clock, issued, steps
from tests.invoices.signing_service import TOKEN, Provider, provider
from tests.invoices.test_production import own_archive as own_archive  # noqa: PLC0414  (a fixture)

pytestmark = pytest.mark.django_db


def said(home: str, place: Token | Credential) -> dict[str, Any]:
    """A place as the settings say it."""
    return {"home": home, **{name: getattr(place, name) for name in asdict(place)}}


@pytest.fixture
def remote(tmp_path: Path, settings: Settings) -> Iterator[Provider]:
    """A service whose key is configured."""
    (tmp_path / "provider").mkdir()
    with provider(tmp_path / "provider", multisign=10) as there:
        settings.SEAL_KEYS = [said("csc", there.credential("elliptic", access_token=Secret(TOKEN)))]
        yield there


@tokens.NEEDED
def test_a_month_by_a_token(settings: Settings, tmp_path: Path) -> None:
    with tokens.soft_hsm(tmp_path):
        there = tokens.made(tmp_path, label="Mois")
        settings.SEAL_KEYS = [said("pkcs11", there.token)]
        ids = issued(3)
        with clock():
            working.seal_and_shelve(ids)
    assert steps() == ["deliver"] * 3
    for document in Document.objects.all():
        assert (document.key_home, document.certificate_sha256) == ("device", fingerprint(there.chain[0]))
        assert proving.prove(production.original(document)).verdict.ours


def test_a_month_by_a_remote_service_many_hashes_in_one_authorisation(remote: Provider) -> None:
    ids = issued(5)
    with clock():
        working.seal_and_shelve(ids)
    assert steps() == ["deliver"] * 5
    assert {document.key_home for document in Document.objects.all()} == {"device"}
    assert [body["numSignatures"] for body in remote.asked_for("authorize")] == [5]
    assert all(proving.prove(production.original(document)).verdict.ours for document in Document.objects.all())


def test_a_service_that_does_not_answer_leaves_them_due_with_what_was_said(remote: Provider) -> None:
    ids = issued(2)
    with clock():
        production.produce(ids[:1])  # the key is open

    async def away(path: str, _body: dict[str, object]) -> web.StreamResponse | None:
        return web.json_response({"error": "server_error"}, status=503) if path.endswith("signHash") else None

    remote.disturb = away
    with clock(), pytest.raises(Unavailable, match="signing service"):
        production.produce(ids)
    waiting = Due.objects.get(step="seal")
    assert "signing service" in waiting.last_error  # noted on the claimed row, outside of the transaction that failed
    assert waiting.claimed_until is None
    remote.disturb = None
    with clock():
        working.seal_and_shelve(ids)
    assert steps() == ["deliver"] * 2


def test_what_another_process_sealed_while_the_service_signed_is_not_sealed_twice(remote: Provider, settings: Settings) -> None:
    """Our claim had ended, and somebody else was quicker."""
    (pk,) = issued(1)
    here = settings.SEAL_KEYS
    with clock(), leasing.claimed(Due.Step.SEAL, ids=[pk]) as late:
        Due.objects.update(claimed_until=None)
        settings.SEAL_KEYS = here
        assert production.produce([pk]) == 1
        assert leasing.still_ours(late) == []
    assert Document.objects.count() == 1


def test_a_key_that_opens_nowhere_seals_nothing(remote: Provider, settings: Settings) -> None:
    settings.SEAL_KEYS = [said("csc", replace(remote.credential("elliptic"), access_token=Secret("wrong")))]
    ids = issued(1)
    with clock(), pytest.raises(Unavailable, match="refuses our access token"):
        working.seal_and_shelve(ids)
    assert steps() == ["seal"]
