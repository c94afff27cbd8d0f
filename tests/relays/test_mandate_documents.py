"""A mandate's document: clerks file the scan of the signed sheet and look at it beside the facts; the relay's people take it away."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays import filing
from relays.models import Mandate, MandateScan, MandateText, Relay
from selfbilling.files import AT_MOST, checked
from tests import cast, sent_files, world

pytestmark = pytest.mark.django_db
PAGE = "/relais/R0001/mandat/"
QUEUE = "/admin/relays/mandate/a-approuver/"
THIN = "\u202f"


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def shop(db: None) -> Relay:
    return world.relay(mandate=None)


@pytest.fixture
def mandate(shop: Relay) -> Mandate:
    return world.give_mandate(shop, dt.date(2025, 12, 1))


@pytest.fixture
def waiting(mandate: Mandate) -> Mandate:
    Mandate.objects.update(state="consented")
    mandate.refresh_from_db()
    return mandate


def document(mandate: Mandate) -> str:
    return f"/admin/relays/mandate/{mandate.pk}/document/"


def filed(mandate: Mandate, data: bytes = b"") -> MandateScan:
    return filing.file_scan(mandate_id=mandate.pk, file=checked(name="x", data=data or sent_files.pdf()), by=cast.clerk())


def sent(name: str, data: bytes, content_type: str = "application/pdf") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data, content_type=content_type)}


def text(response: Any) -> str:
    return html.unescape(response.content.decode()).replace(THIN, " ").replace("\u00a0", " ")


# The clerk's side.


def test_the_queue_says_whether_there_is_a_scan_and_leads_to_it(clerk: Client, waiting: Mandate) -> None:
    page = clerk.get(QUEUE)
    assert "Pas de scan : en déposer un" in text(page)
    assert document(waiting) in text(page)
    filed(waiting)
    assert "Voir le scan" in text(clerk.get(QUEUE))


def test_a_clerk_files_a_scan_and_sees_it_beside_the_facts(clerk: Client, waiting: Mandate) -> None:
    page = clerk.get(document(waiting))
    assertContains(page, "Aucun scan de la feuille signée")
    assertNotContains(page, "<iframe")
    assertRedirects(clerk.post(document(waiting), sent("mandat.pdf", sent_files.pdf())), document(waiting), fetch_redirect_response=False)
    page = clerk.get(document(waiting))
    scan = MandateScan.objects.get()
    assertContains(page, "Le scan est déposé avec le mandat de R0001.")
    assertContains(page, f'<iframe src="{document(waiting)}scans/{scan.pk}/"')
    assertContains(page, "28724467700848 ✓")
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert scan.filed_by == cast.clerk()


def test_a_photo_is_shown_as_one(clerk: Client, waiting: Mandate) -> None:
    scan = filed(waiting, sent_files.image("JPEG"))
    assertContains(clerk.get(document(waiting)), f'<img src="{document(waiting)}scans/{scan.pk}/"')
    shown = clerk.get(f"{document(waiting)}scans/{scan.pk}/")
    assert (shown.content, shown["Content-Type"]) == (sent_files.image("JPEG"), "image/jpeg")


def test_a_better_scan_is_added_and_the_first_kept(clerk: Client, mandate: Mandate) -> None:
    first = filed(mandate)
    clerk.post(document(mandate), sent("mieux.png", sent_files.image("PNG")))
    newest = MandateScan.objects.order_by("-pk")[0]
    page = clerk.get(document(mandate))
    assertContains(page, f'<img src="{document(mandate)}scans/{newest.pk}/"')
    assertContains(page, f'href="{document(mandate)}scans/{first.pk}/"')
    assert clerk.get(f"{document(mandate)}scans/{first.pk}/").content == sent_files.pdf()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({}, "Choisissez d’abord un fichier."),
        (sent("vide.pdf", b""), "Ce fichier est vide."),
        (sent("mandat.pdf", b"<html><script>alert(1)</script></html>"), "Nous n’arrivons pas à ouvrir ce fichier."),
        (sent("mandat.pdf", b"%PDF-1.7 <html><script>alert(1)</script>"), "Nous n’arrivons pas à ouvrir ce fichier."),
        (sent("mandat.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"), "Nous n’arrivons pas à ouvrir ce fichier."),
        (sent("mandat.pdf", sent_files.pdf(password="secret")), "Ce PDF est protégé par un mot de passe."),
        (sent("mandat.pdf", b"%PDF-" + bytes(AT_MOST)), "Ce fichier dépasse 10 Mo."),
    ],
    ids=["none", "empty", "HTML", "HTML after a PDF's first letters", "SVG", "locked", "too big"],
)
def test_what_is_no_scan_is_refused_beside_its_field(clerk: Client, waiting: Mandate, file: dict[str, Any], said: str) -> None:
    for upload in file.values():
        upload.seek(0)
    page = clerk.post(document(waiting), file)
    assert page.status_code == 422
    assert said in text(page)
    assert not MandateScan.objects.exists()


def test_the_same_file_again_and_one_for_an_online_mandate_are_refused(clerk: Client, mandate: Mandate) -> None:
    filed(mandate)
    page = clerk.post(document(mandate), sent("encore.pdf", sent_files.pdf()))
    assert page.status_code == 409
    assert "Ce fichier est déjà déposé avec ce mandat." in text(page)
    Mandate.objects.update(channel="online")
    page = clerk.post(document(mandate), sent("autre.png", sent_files.image("PNG")))
    assert page.status_code == 409
    assert "il n’y a pas de feuille" in text(page)
    assert MandateScan.objects.count() == 1


def test_the_mandate_s_own_page_in_the_admin_leads_there(clerk: Client, mandate: Mandate) -> None:
    assertContains(clerk.get(f"/admin/relays/mandate/{mandate.pk}/change/"), document(mandate))


def test_a_clerk_gets_the_copy_too(clerk: Client, mandate: Mandate) -> None:
    response = clerk.get(f"{document(mandate)}copie.pdf")
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"] == 'attachment; filename="mandat-copie-R0001-2025-12-01.pdf"'


def test_only_clerks_come_in(manager: Client, support: Client, owner: Client, visitor: Client, mandate: Mandate) -> None:
    scan = filed(mandate)
    for address in (document(mandate), f"{document(mandate)}scans/{scan.pk}/", f"{document(mandate)}copie.pdf"):
        assert manager.get(address).status_code in {403, 404}
        assert support.get(address).status_code in {403, 404}
        assert owner.get(address).status_code in {302, 403}
        assert visitor.get(address).status_code == 302
    for browser in (manager, support, owner, visitor):
        assert browser.post(document(mandate), sent("mandat.png", sent_files.image("PNG"))).status_code in {302, 403, 404}
    assert MandateScan.objects.count() == 1


def test_a_scan_is_found_under_its_own_mandate_only_and_takes_no_post(clerk: Client, mandate: Mandate, shop: Relay) -> None:
    scan = filed(mandate)
    other = world.give_mandate(shop, dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert clerk.get(f"{document(other)}scans/{scan.pk}/").status_code == 404
    assert clerk.get("/admin/relays/mandate/999999/document/").status_code == 404
    assert clerk.post(f"{document(mandate)}scans/{scan.pk}/").status_code == 405
    assert clerk.post(f"{document(mandate)}copie.pdf").status_code == 405


# The relay's side.


def test_its_people_take_the_newest_scan_away(owner: Client, employee: Client, accountant: Client, mandate: Mandate) -> None:
    filed(mandate)
    filed(mandate, sent_files.image("PNG"))
    for browser in (owner, employee, accountant):
        page = browser.get(PAGE)
        assert "Télécharger la feuille signée (PNG)" in text(page)
        response = browser.get(f"{PAGE}{mandate.pk}/scan/")
        assert response.content == sent_files.image("PNG")
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == 'attachment; filename="mandat-signe-R0001-2025-12-01.png"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("state", ["consented", "rejected", "approved"])
def test_without_a_scan_the_page_says_so_and_how_to_ask(owner: Client, mandate: Mandate, state: str) -> None:
    Mandate.objects.update(state=state, decided_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC))
    page = text(owner.get(PAGE))
    assert "garde la feuille que vous avez signée ; aucun scan n’en a été déposé ici. Pour en recevoir une copie, écrivez à" in page
    assert "Télécharger la feuille signée" not in page
    assert owner.get(f"{PAGE}{mandate.pk}/scan/").status_code == 404


def test_an_online_mandate_has_its_copy_and_no_sheet(owner: Client, mandate: Mandate) -> None:
    Mandate.objects.update(channel="online")
    MandateText.objects.update(body="Le mandant donne mandat.")
    page = text(owner.get(PAGE))
    assert f'href="{PAGE}{mandate.pk}.pdf"' in page
    assert "scan" not in page


@pytest.mark.parametrize("state", ["consented", "rejected", "approved"])
def test_each_mandate_has_its_copy_whatever_became_of_it(owner: Client, mandate: Mandate, state: str) -> None:
    Mandate.objects.update(state=state, decided_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC), reason="signature illisible")
    assert f'href="{PAGE}{mandate.pk}.pdf"' in text(owner.get(PAGE))
    response = owner.get(f"{PAGE}{mandate.pk}.pdf")
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
    assert response["Content-Disposition"] == 'attachment; filename="mandat-copie-R0001-2025-12-01.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_another_relay_s_people_find_nothing(mandate: Mandate, visitor: Client, owner: Client) -> None:
    filed(mandate)
    stranger = cast.browser(cast.stranger(world.relay("R0009", shop=1)))
    for address in (f"{PAGE}{mandate.pk}.pdf", f"{PAGE}{mandate.pk}/scan/"):
        assert stranger.get(address).status_code == 404
        assert stranger.get(address.replace("R0001", "R0009")).status_code == 404
        assert visitor.get(address)["Location"].startswith("/compte/")
        assert owner.post(address).status_code == 405
        assert owner.get(address).status_code == 200


def test_a_mandate_is_found_under_its_own_relay_only(owner: Client, mandate: Mandate) -> None:
    filed(mandate)
    cast.owner(world.relay("R0009", shop=1))
    for address in (f"/relais/R0009/mandat/{mandate.pk}.pdf", f"/relais/R0009/mandat/{mandate.pk}/scan/"):
        assert owner.get(address).status_code == 404


def test_who_downloads_without_end_is_asked_to_wait(owner: Client, mandate: Mandate) -> None:
    filed(mandate)
    address = f"{PAGE}{mandate.pk}/scan/"
    with world.on(dt.date(2026, 11, 10)):
        answers = [owner.get(address) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {200}
    assert answers[60].status_code == 429
    assert 0 < int(answers[60]["Retry-After"]) <= 60
    assert owner.get(f"{PAGE}{mandate.pk}.pdf").status_code == 429


def test_the_page_takes_the_same_queries_for_one_and_for_many(owner: Client, shop: Relay, django_assert_max_num_queries: Any) -> None:
    for year in range(2010, 2026):
        filed(world.give_mandate(shop, dt.date(year, 1, 1), dt.date(year, 12, 31)))
    with django_assert_max_num_queries(14):
        owner.get(PAGE)
