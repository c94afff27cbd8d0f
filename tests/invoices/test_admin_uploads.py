"""What months are billed from, through the admin: for billing; the look and the import take the same path as the commands."""

from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invoices.models import Activity, Adjustment, Band, Invoice, Payment
from selfbilling.locks import INPUTS
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.operators_files import ACTIVITY, ADJUSTMENT, TARIFF, Row, write

pytestmark = pytest.mark.django_db
HUB = "/admin/invoices/run/importer/"


@pytest.fixture(autouse=True)
def kept_in(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def upload(browser: Client, kind: str, folder: Path, *rows: Row) -> str:
    """Choose that file; the address of its preview."""
    data = write(folder / "made.csv", *rows).read_bytes()
    answer = browser.post(f"{HUB}{kind}/", {"file": SimpleUploadedFile(f"{kind}.csv", data)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def digest(browser: Client, preview: str) -> str:
    """What the form of a preview gives back."""
    return browser.get(preview).content.decode().split('name="digest" value="')[1].split('"')[0]


def test_tariffs_activity_and_adjustments_go_in_as_they_were_seen(manager: Client, tmp_path: Path) -> None:
    world.relay("R0001")
    for kind, row in (("tarifs", TARIFF), ("activite", ACTIVITY), ("ajustements", ADJUSTMENT)):
        preview = upload(manager, kind, tmp_path, row)
        assertContains(manager.get(preview), "Importer 1 ligne")
        assertRedirects(manager.post(preview, {"digest": digest(manager, preview)}), HUB, fetch_redirect_response=False)
    assert Activity.objects.get().quantity == 24
    assert Adjustment.objects.get().amount == Decimal("-15.00")
    assert JournalEntry.objects.filter(act="imported", by=cast.manager()).count() == 3
    assertContains(manager.get(upload(manager, "activite", tmp_path, ACTIVITY)), "il n’y a rien à importer")


def test_a_replaced_tariff_is_shown_band_by_band(manager: Client, tmp_path: Path) -> None:
    preview = upload(manager, "tarifs", tmp_path, TARIFF, {**TARIFF, "from_quantity": "500", "unit_price": "0.30"})
    manager.post(preview, {"digest": digest(manager, preview)})
    page = manager.get(upload(manager, "tarifs", tmp_path, {**TARIFF, "unit_price": "0.4"}))
    assertContains(page, "LIV ≥ 0")
    assertContains(page, "<del>0,3850</del>")
    assertContains(page, "<strong>0,4</strong>")
    assertContains(page, "LIV ≥ 500")
    assertContains(page, "à partir du 1 janvier 2026")
    assert Band.objects.count() == 2


def test_what_is_wrong_with_activity_is_said_in_french(manager: Client, tmp_path: Path) -> None:
    world.relay("R0001")
    page = manager.get(upload(manager, "activite", tmp_path, {**ACTIVITY, "quantity": "0"}, {**ACTIVITY, "relay_code": "R9"}))
    assertContains(page, "Est nul")
    assertContains(page, "N’est pas un relais importé")
    assertContains(page, "N’est dans aucun tarif importé")
    assertNotContains(page, "Importer seulement")


def test_payments_go_in(manager: Client, invoice: Invoice, tmp_path: Path) -> None:
    row = {"relay_code": "R0001", "number": invoice.number, "paid_on": "2026-11-20", "amount": "1.00"}
    too_much = {**row, "paid_on": "2026-11-21", "amount": "1000000"}
    with world.on(world.BILLED_ON.replace(day=24)):
        page = manager.get(upload(manager, "paiements", tmp_path, row, too_much))
        assertContains(page, "dépassent les")
        preview = upload(manager, "paiements", tmp_path, row)
        manager.post(preview, {"digest": digest(manager, preview)})
    assert Payment.objects.get().amount == Decimal("1.00")


def test_whoever_imports_while_a_month_is_billed_is_told_to_wait(manager: Client, tmp_path: Path) -> None:
    preview = upload(manager, "tarifs", tmp_path, TARIFF)
    seen = digest(manager, preview)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as billing:
        billing.execute("SELECT pg_advisory_lock_shared(%s)", [INPUTS])
        answer = manager.post(preview, {"digest": seen})
    assertContains(answer, "réessayez dans quelques minutes", status_code=503)
    assert not Band.objects.exists()
    assertRedirects(manager.post(preview, {"digest": seen}), HUB, fetch_redirect_response=False)


def test_only_billing_comes_in(clerk: Client, support: Client, owner: Client, visitor: Client, manager: Client) -> None:
    for address in (HUB, f"{HUB}tarifs/", f"{HUB}activite/", f"{HUB}ajustements/", f"{HUB}paiements/{'0' * 64}/"):
        assert {browser.get(address).status_code for browser in (clerk, support)} == {403}
        assert owner.get(address).status_code in {302, 403}
        assert visitor.get(address).status_code == 302
        assert manager.delete(address).status_code == 405
    assertContains(manager.get("/admin/invoices/run/"), HUB)
