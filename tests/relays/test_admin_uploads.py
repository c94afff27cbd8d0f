"""Files through the clerk's door: a look at what they would do, then exactly that; mandates wait for a second clerk."""

import datetime as dt
import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays.models import Identity, Mandate, OptIn, Relay
from selfbilling.models import JournalEntry
from selfbilling.tabular import keeping
from tests import cast, world
from tests.operators_files import MANDATE, RELAY, Row, write

pytestmark = pytest.mark.django_db
HUB = "/admin/relays/relay/importer/"
RELAYS, MANDATES = f"{HUB}relais/", f"{HUB}mandats/"


@pytest.fixture(autouse=True)
def kept_in(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def upload(browser: Client, address: str, data: bytes, name: str = "relays.csv") -> str:
    """Choose that file; the address of its preview."""
    answer = browser.post(address, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def csv(folder: Path, *rows: Row) -> bytes:
    return write(folder / "made.csv", *rows).read_bytes()


def digest(browser: Client, preview: str) -> str:
    """What the form of a preview gives back."""
    page = browser.get(preview).content.decode()
    return page.split('name="digest" value="')[1].split('"')[0]


def test_a_file_is_looked_at_and_then_imported(clerk: Client, tmp_path: Path) -> None:
    preview = upload(clerk, RELAYS, csv(tmp_path, RELAY, {**RELAY, "relay_code": "R0002"}))
    page = clerk.get(preview)
    assertContains(page, "Rien n’est encore écrit")
    assertContains(page, "Importer 2 lignes")
    assert not Relay.objects.exists()
    assertRedirects(clerk.post(preview, {"digest": digest(clerk, preview)}), HUB, fetch_redirect_response=False)
    assert Relay.objects.count() == 2
    assertContains(clerk.get(HUB), "2 lignes importées")
    entry = JournalEntry.objects.get(act="imported")
    assert (entry.by, entry.subject, entry.through) == (cast.clerk(), "file:relays.csv", "admin")
    assert not list((tmp_path / "data/uploads").iterdir())


def test_what_changes_is_shown_field_by_field(clerk: Client, tmp_path: Path) -> None:
    first = {**RELAY, "phone": ""}
    preview = upload(clerk, RELAYS, csv(tmp_path, first))
    clerk.post(preview, {"digest": digest(clerk, preview)})
    later = {
        **RELAY,
        "city": "Rezé",
        "email_opt_in_on": "2026-11-01",
        "vat_from": "2026-12-01",
        "vat_regime": "franchise",
        "vat_number": "",
    }
    with world.on(dt.date(2026, 11, 5)):
        page = clerk.get(upload(clerk, RELAYS, csv(tmp_path, later)))
    assertContains(page, "<del>Nantes</del>")
    assertContains(page, "<strong>Rezé</strong>")
    assertContains(page, "à partir du 5 novembre 2026")
    assertContains(page, "+33612715087")
    assertContains(page, "depuis le début")
    assertContains(page, "<del>standard</del>")
    assertContains(page, "<strong>franchise</strong>")
    assertContains(page, "1 novembre 2026")
    assert (Identity.objects.get().city, OptIn.objects.count()) == ("Nantes", 0)


def test_a_bad_row_is_said_in_french_and_the_good_ones_may_go_in(clerk: Client, tmp_path: Path) -> None:
    bad = {**RELAY, "relay_code": "R0002", "siret": "2872446770084", "legal_name": "<b>N’Guyen & Œuvre</b>", "vat_regime": "<i>x</i>"}
    preview = upload(clerk, RELAYS, csv(tmp_path, RELAY, bad))
    page = clerk.get(preview)
    assertContains(page, "N’a pas 14 chiffres")
    assertContains(page, "Demandez son SIRET au relais")
    assertContains(page, "&lt;i&gt;x&lt;/i&gt;")
    assertNotContains(page, "<i>x</i>")
    assertContains(page, "Importer seulement la bonne ligne")
    assertRedirects(clerk.post(preview, {"digest": digest(clerk, preview)}), preview, fetch_redirect_response=False)
    assert [relay.code for relay in Relay.objects.all()] == ["R0001"]
    page = clerk.get(preview)
    assertContains(page, "1 ligne importée")
    assertNotContains(page, "Importer seulement")
    rejected = clerk.get(f"{preview}rejets.csv")
    assert rejected.headers["Content-Disposition"] == 'attachment; filename="relays.csv.rejected.csv"'
    lines = b"".join(rejected.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert lines[1].startswith("R0002,<b>N’Guyen & Œuvre</b>,")


def test_what_moved_on_is_shown_again_and_nothing_is_written(clerk: Client, tmp_path: Path) -> None:
    preview = upload(clerk, RELAYS, csv(tmp_path, RELAY))
    seen = digest(clerk, preview)
    world.relay("R0001")
    answer = clerk.post(preview, {"digest": seen})
    assertContains(answer, "Les données ont changé", status_code=409)
    assertContains(answer, "<del>Épicerie de l’Étoile</del>", status_code=409)
    assert Identity.objects.get().legal_name == "Épicerie de l’Étoile"
    assert not JournalEntry.objects.filter(act="imported").exists()


def test_the_day_is_part_of_what_was_seen(clerk: Client, tmp_path: Path) -> None:
    world.relay("R0001")
    with world.on(dt.date(2026, 11, 5), hour=23):
        preview = upload(clerk, RELAYS, csv(tmp_path, RELAY))
        seen = digest(clerk, preview)
    with world.on(dt.date(2026, 11, 6), hour=0):
        assert clerk.post(preview, {"digest": seen}).status_code == 409
    assert Identity.objects.count() == 1


def test_mandates_wait_for_a_second_clerk(clerk: Client, tmp_path: Path) -> None:
    world.relay("R0001", mandate=None)
    preview = upload(clerk, MANDATES, csv(tmp_path, MANDATE), "mandates.csv")
    clerk.post(preview, {"digest": digest(clerk, preview)})
    mandate = Mandate.objects.get()
    assert (mandate.state, mandate.entered_by, mandate.decided_at) == (Mandate.State.CONSENTED, cast.clerk(), None)
    assertContains(clerk.get(HUB), "attendent")
    ended = {**MANDATE, "valid_to": "2027-03-31"}
    assertContains(clerk.get(upload(clerk, MANDATES, csv(tmp_path, ended))), "31 mars 2027")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Ce fichier est vide"),
        (b"PK\x03\x04whatever", "C’est un tableur"),
        ("relay_code,legal_name\nR1,\xe9".encode("latin-1"), "Il manque"),
        ((",".join(RELAY) + "\nR1,\xe9").encode("latin-1"), "ligne 2, octet"),
        (b"\xff\xfea\x00", "UTF-8"),
        (b"hello\nworld\n", "ne nomme pas"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(clerk: Client, data: bytes, said: str) -> None:
    answer = clerk.post(RELAYS, {"file": SimpleUploadedFile("relays.csv", data)})
    assertContains(answer, said, status_code=422)
    assertNotContains(answer, "/uploads/", status_code=422)


def test_no_file_chosen_and_a_header_alone(clerk: Client, tmp_path: Path) -> None:
    assertContains(clerk.post(RELAYS, {}), "Choisissez d’abord un fichier", status_code=422)
    header = csv(tmp_path, RELAY).splitlines()[0]
    assertContains(clerk.get(upload(clerk, RELAYS, header)), "aucune ligne")


def test_a_file_too_large_is_refused(clerk: Client) -> None:
    answer = clerk.post(RELAYS, {"file": SimpleUploadedFile("relays.csv", b"x" * 20_000_001)})
    assertContains(answer, "plus de 20", status_code=422)


def test_another_s_file_is_not_there_nor_one_of_an_hour_ago(clerk: Client, tmp_path: Path) -> None:
    preview = upload(clerk, RELAYS, csv(tmp_path, RELAY))
    other = cast._staff("claire@example.org", "Claire", "clerks")
    assertRedirects(cast.browser(other).get(preview), RELAYS, fetch_redirect_response=False)
    assertRedirects(cast.browser(other).post(preview, {"digest": "x"}), RELAYS, fetch_redirect_response=False)
    assert cast.browser(other).get(f"{preview}rejets.csv").status_code == 404
    (place,) = (tmp_path / "data/uploads").iterdir()
    for file in place.iterdir():
        os.utime(file, (0, 0))
    assertRedirects(clerk.get(preview), RELAYS, fetch_redirect_response=False)
    assertContains(clerk.get(RELAYS), "n’est plus ici")
    keeping.sweep()
    assert not place.exists()
    assert not Relay.objects.exists()


def test_only_clerks_come_in_and_only_by_the_right_method(
    clerk: Client, owner: Client, manager: Client, support: Client, visitor: Client
) -> None:
    unknown = f"{RELAYS}{'0' * 64}/"
    for address in (HUB, RELAYS, MANDATES, unknown, f"{unknown}rejets.csv"):
        assert {browser.get(address).status_code for browser in (manager, support)} == {403}
        assert owner.get(address).status_code in {302, 403}
        assert visitor.get(address).status_code == 302
        assert clerk.put(address).status_code == 405
    assert manager.post(RELAYS, {"file": SimpleUploadedFile("relays.csv", b"x")}).status_code == 403
    assert clerk.post(HUB).status_code == 405
    assert clerk.get(f"{HUB}factures/").status_code == 404


def test_a_forged_form_is_refused(clerk: Client) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.clerk())
    assert browser.post(RELAYS, {"file": SimpleUploadedFile("relays.csv", b"x")}).status_code == 403


def test_many_changes_come_in_pages_of_at_most_60_kb(clerk: Client, tmp_path: Path) -> None:
    rows = [{**RELAY, "relay_code": f"R{number:04d}"} for number in range(120)]
    preview = upload(clerk, RELAYS, csv(tmp_path, *rows))
    clerk.post(preview, {"digest": digest(clerk, preview)})
    moved = [{**row, "city": "C" * 100, "legal_name": "Œ" * 200} for row in rows]
    moved += [{**RELAY, "relay_code": f"S{number:04d}", "siret": "x" * 200, "vat_number": "y" * 90} for number in range(90)]
    page = clerk.get(upload(clerk, RELAYS, csv(tmp_path, *moved)))
    assertContains(page, "1 / 5")
    assert len(page.content) <= 60_000


def test_the_list_of_relays_leads_here_for_clerks(clerk: Client, support: Client, manager: Client) -> None:
    assertContains(clerk.get("/admin/"), HUB)
    assertContains(manager.get("/admin/"), "/admin/invoices/run/importer/")
    assertNotContains(manager.get("/admin/"), HUB)
    assertNotContains(support.get("/admin/"), "importer")
    assertContains(clerk.get("/admin/relays/relay/"), HUB)
    assertNotContains(support.get("/admin/relays/relay/"), HUB)
