"""From due to sealed to archived: each once, whatever is repeated, and nothing where something is refused."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from invoices import production
from invoices.archive.store import ArchiveUnavailable
from invoices.models import Document, Due, Invoice, Unshelved
from invoices.recording import SealNotVerified
from invoices.sealing.keys import SealKeyUnavailable
from invoices.sealing.verification import verify
from selfbilling.secret import Secret
from tests import world
from tests.invoices.seals import pair

pytestmark = pytest.mark.django_db


def issued(count: int) -> list[int]:
    """So many invoices that wait to be sealed."""
    world.tariff()
    for shop in range(count):
        world.did(world.relay(f"R{shop:04d}", shop=shop), 100 + shop)
    world.billed_approved_and_issued()
    return list(Invoice.objects.order_by("relay__code").values_list("pk", flat=True))


def missing_key(folder: Path) -> dict[str, object]:
    """The settings of a key file that is not there."""
    return {"home": "pkcs12", "file": folder / "missing.p12", "password": Secret("")}


def steps() -> list[str]:
    return list(Due.objects.order_by("invoice").values_list("step", flat=True))


@pytest.fixture(autouse=True)
def own_archive(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """It is opened once a process; a test that changes it opens its own."""
    settings.ARCHIVE_DIR = tmp_path / "archive"
    production.archive.cache_clear()
    yield
    production.archive.cache_clear()


def test_a_document_is_what_was_sealed_and_verified() -> None:
    (pk,) = issued(1)
    assert production.produce([pk]) == 1
    document = Document.objects.get(invoice=pk)
    data = bytes(document.unshelved.data)
    verdict = verify(data, ours=production.our_certificates())
    assert verdict.ours
    assert (document.sha256, document.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (document.level, document.key_home) == ("test", "software")
    assert document.retained_until == dt.date(2036, 12, 31)
    assert steps() == ["shelve"]


def test_a_second_time_nothing_is_sealed_and_nothing_shelved() -> None:
    ids = issued(2)
    assert (production.produce(ids), production.produce(ids)) == (2, 0)
    sealed = set(Document.objects.values_list("sha256", flat=True))
    assert (production.shelve(ids), production.shelve(ids), production.produce(ids)) == (2, 0, 0)
    assert set(Document.objects.values_list("sha256", flat=True)) == sealed
    assert {file.name for file in production.archive().root.rglob("*") if file.is_file()} == sealed
    assert steps() == ["deliver", "deliver"]


def test_what_is_served_are_the_same_bytes_before_and_after_the_archive_has_them() -> None:
    (pk,) = issued(1)
    production.produce([pk])
    document = Document.objects.get(invoice=pk)
    waiting = production.original(document)
    production.shelve([pk])
    assert not Unshelved.objects.exists()
    assert production.original(document) == waiting


def test_only_those_that_were_asked_for() -> None:
    first, second = issued(2)
    assert production.produce([second]) == 1
    assert steps() == ["seal", "shelve"]
    assert production.shelve([first]) == 0


def test_what_was_put_off_waits_for_its_time() -> None:
    (pk,) = issued(1)
    Due.objects.update(not_before=timezone.now() + dt.timedelta(seconds=50))
    assert production.produce([pk]) == 0
    Due.objects.update(not_before=timezone.now())
    assert production.produce([pk]) == 1


def test_an_archive_that_cannot_be_written_leaves_everything_due(settings: Settings, tmp_path: Path) -> None:
    (pk,) = issued(1)
    production.produce([pk])
    settings.ARCHIVE_DIR = tmp_path / "file"
    settings.ARCHIVE_DIR.touch()
    production.archive.cache_clear()
    with pytest.raises(ArchiveUnavailable, match="cannot be written"):
        production.shelve([pk])
    assert Unshelved.objects.count() == 1
    assert steps() == ["shelve"]


def test_bytes_that_are_not_those_that_were_sealed_are_not_shelved() -> None:
    (pk,) = issued(1)
    production.produce([pk])
    Unshelved.objects.update(data=b"%PDF-1.7 something else")
    with pytest.raises(ValueError, match="are not those that were sealed"):
        production.shelve([pk])
    assert steps() == ["shelve"]


def test_a_key_that_is_missing_leaves_everything_due(settings: Settings, tmp_path: Path) -> None:
    (pk,) = issued(1)
    settings.SEAL_KEYS = [missing_key(tmp_path)]
    with pytest.raises(SealKeyUnavailable, match="cannot be read"):
        production.produce([pk])
    assert not Document.objects.exists()
    assert steps() == ["seal"]


def test_a_key_that_is_not_its_certificates_seals_nothing(settings: Settings, tmp_path: Path) -> None:
    (pk,) = issued(1)
    _, ours, issuer = pair("Réseau Relais")
    another, _, _ = pair("Somebody else")
    settings.DATA_DIR = tmp_path
    (tmp_path / "demo-certificate").mkdir()
    private = another.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "demo-certificate" / "seal.pem").write_bytes(private + b"".join(one.public_bytes(Encoding.PEM) for one in (ours, issuer)))
    with pytest.raises(SealNotVerified, match="R0000-2026-00001 does not verify"):
        production.produce([pk])
    assert not Document.objects.exists()
    assert steps() == ["seal"]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_process_holds_is_skipped() -> None:
    first, second = issued(2)
    here = connection.get_connection_params()
    with psycopg.connect(host=here["host"], port=here["port"], user=here["user"], dbname=here["dbname"]) as another:
        another.execute("SELECT id FROM invoices_due WHERE invoice_id = %s FOR UPDATE", [first])
        assert production.produce([first, second]) == 1
    assert Document.objects.get().invoice_id == second
    assert steps() == ["seal", "shelve"]
