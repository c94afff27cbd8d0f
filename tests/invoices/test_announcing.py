"""The end of the seal's certificate is said in time, each stage once: in the journal, by mail to billing, on the month's page."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from django.core import mail
from django.test import Client
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains

from invoices import announcing
from invoices.models import SealCertificate
from selfbilling.models import JournalEntry
from selfbilling.secret import Secret
from tests import cast
from tests.invoices.leveled import clock
from tests.invoices.seals import NOW, pair

pytestmark = pytest.mark.django_db
PAGE = "/bureau/mois/2026-10/"
NARROW = "\u202f"


def key(folder: Path, name: str, *, days: int) -> dict[str, Any]:
    """The settings of a key whose certificate has that name and ends so many days from NOW."""
    private, ours, issuer = pair(name, days=(-30, days), elliptic=True)
    file = folder / f"{name}.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", private, ours, [issuer], NoEncryption()))
    return {"home": "pkcs12", "file": file, "password": Secret("")}


def look(*, days: float) -> list[str]:
    """The task runs so many days from NOW; the subjects of what it mailed."""
    mail.outbox.clear()
    with clock(NOW + dt.timedelta(days=days)):
        announcing.announce_ends()
    return [str(message.subject) for message in mail.outbox]


def test_each_stage_is_announced_once_to_each_member_of_billing(settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_KEYS = [key(tmp_path, "Cachet", days=100)]
    cast.manager()
    cast.other_manager()
    cast.support()
    said = {day: len(look(days=day)) for day in (0, 39, 41, 42, 69, 71, 72, 94, 99, 100.5, 101)}
    assert {day: count for day, count in said.items() if count} == {41: 2, 71: 2, 94: 2, 100.5: 2}
    entries = JournalEntry.objects.filter(act="announced a certificate's end").order_by("pk")
    assert [entry.detail["days"] for entry in entries] == [60, 30, 7, 0]


def test_the_letter_says_when_and_what_to_do(settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_KEYS = [key(tmp_path, "Cachet", days=50)]
    manager = cast.manager()
    (subject,) = look(days=0)
    assert subject == "Le certificat du cachet « Cachet » prend fin le 22 décembre 2026"
    (letter,) = mail.outbox
    assert letter.to == [manager.email]
    assert "Sans successeur, aucune facture ne pourra être cachetée ensuite." in letter.body
    assert "/bureau/mois/" in letter.body


def test_with_a_successor_there_is_nothing_to_do(settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_KEYS = [key(tmp_path, "Cachet", days=50), key(tmp_path, "Successeur", days=900)]
    cast.manager()
    look(days=0)
    (letter,) = mail.outbox
    assert f"«{NARROW}Successeur{NARROW}» est configuré et prend la suite" in letter.body


def test_the_months_page_says_so_until_another_is_configured(settings: Settings, tmp_path: Path, manager: Client) -> None:
    assertNotContains(manager.get(PAGE), "certificat du cachet")
    settings.SEAL_KEYS = [key(tmp_path, "Cachet", days=50)]
    look(days=0)
    with clock():
        assertContains(manager.get(PAGE), f"Le certificat du cachet «{NARROW}Cachet{NARROW}» prend fin le 22")
        assertContains(manager.get(PAGE), "Aucun successeur n’est configuré")
    look(days=51)
    with clock(NOW + dt.timedelta(days=51)):
        manager = cast.browser(cast.manager())
        assertContains(manager.get(PAGE), "il ne cachette plus rien")
    settings.SEAL_KEYS = [key(tmp_path, "Un autre", days=900)]
    look(days=52)
    with clock(NOW + dt.timedelta(days=51)):
        assertNotContains(manager.get(PAGE), "certificat du cachet")


def test_a_key_that_does_not_open_forgets_nothing(settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_KEYS = [key(tmp_path, "Cachet", days=50)]
    look(days=0)
    settings.SEAL_KEYS[0]["file"] = tmp_path / "missing.p12"
    look(days=1)
    assert SealCertificate.objects.get().announced == 60
