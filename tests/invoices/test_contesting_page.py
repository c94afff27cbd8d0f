"""A shop contests an invoice, follows the exchange, takes a file away, accepts; and says that an invoice did not arrive."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from invoices.disputes import deciding
from invoices.models import Acceptance, Dispute, DisputeFile, DisputeMessage, Invoice
from relays.models import Request
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.invoices import handed_over
from tests.sent_files import image, pdf

pytestmark = pytest.mark.django_db
THIN = "\u202f"
DOCUMENT = pdf()  # each has its own identifier


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def url(invoice: Invoice) -> str:
    handed_over.by_email(invoice, world.BILLED_ON)
    return f"/factures/{invoice.number}/"


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def said(**fields: Any) -> dict[str, Any]:
    return {"line": "1", "claimed_quantity": "112", "text": "12 colis de plus le 14.", **fields}


# The form.


def test_the_page_says_until_when_and_offers_each_line_and_the_whole(owner: Client, url: str) -> None:
    page = text(owner.get(f"{url}contester/"))
    assert "jusqu’au 2\u00a0décembre\u00a02026 inclus" in page
    assert "Service LIV (100\u00a0×\u00a00,385" in page
    assert "Toute la facture" in page
    assert "checked" not in page


def test_a_contest_arrives_with_its_file_and_support_is_told(owner: Client, url: str, invoice: Invoice) -> None:
    file = SimpleUploadedFile("../Bordereau.PDF", DOCUMENT, content_type="text/html")
    response = owner.post(f"{url}contester/", said(file=file))
    assert (response.status_code, response["Location"]) == (302, f"{url}contestation/")
    dispute = Dispute.objects.get()
    assert (dispute.line, dispute.claimed_quantity, dispute.opened_by.email) == (invoice.lines.get(), 112, "alice@example.org")
    kept = DisputeFile.objects.get()
    assert (kept.name, kept.content_type, bytes(kept.data)) == ("Bordereau.pdf", "application/pdf", DOCUMENT)
    (letter,) = mail.outbox
    assert letter.to == ["relais@reseau-relais.example"]
    assert letter.subject == f"{invoice.number} est contestée"
    assert f"/bureau/contestations/{dispute.pk}/" in letter.body
    assert JournalEntry.objects.get(act="contested").through == "portal"


def test_the_whole_invoice_may_be_contested(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", {"line": "whole", "text": "Le total."})
    dispute = Dispute.objects.get()
    assert (dispute.line, dispute.claimed_quantity) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"line": ""}, "Choisissez une ligne, ou toute la facture."),
        ({"line": "9"}, "Choisissez une ligne, ou toute la facture."),
        ({"text": "  "}, "Dites pourquoi : une phrase ou deux suffisent."),
        ({"claimed_quantity": "douze"}, "Écrivez un nombre entier, par exemple 632."),
        ({"claimed_quantity": "-1"}, "Écrivez un nombre qui n’est pas négatif."),
        ({"claimed_quantity": "99999999999"}, "Ce nombre est trop grand."),
        ({"claimed_quantity": "100"}, "C’est déjà la quantité qui est sur la facture."),
        ({"line": "whole"}, "Choisissez la ligne dont c’est la quantité."),
        ({"file": b"MZ"}, "Nous n’arrivons pas à ouvrir ce fichier. Envoyez un PDF, ou une photo en JPEG ou PNG."),
        ({"file": b""}, "Ce fichier est vide."),
        ({"file": b"%PDF-" + bytes(10 * 1024 * 1024)}, "Ce fichier dépasse 10~Mo. Une photo plus petite suffira."),
    ],
)
def test_each_mistake_is_said_beside_its_field_and_what_was_typed_is_kept(
    owner: Client, url: str, wrong: dict[str, Any], because: str
) -> None:
    if "file" in wrong:
        wrong = {"file": SimpleUploadedFile("a.pdf", wrong["file"])}
    response = owner.post(f"{url}contester/", said(**wrong))
    page = text(response)
    assert response.status_code == 422
    assert page.count(because.replace(" :", f"{THIN}:").replace("~", THIN)) == 2  # on top, and beside the field
    assert "12 colis de plus le 14." in page or "text" in wrong
    assert not Dispute.objects.exists()


def test_after_the_delay_the_page_has_no_form_and_says_why(owner: Client, url: str, invoice: Invoice) -> None:
    with world.on(dt.date(2026, 12, 3)):
        late = cast.browser(cast.person("alice@example.org"))
        page = text(late.get(f"{url}contester/"))
        response = late.post(f"{url}contester/", said())
    why = "Le délai pour contester cette facture s’est terminé le 2\u00a0décembre\u00a02026. Écrivez au support si quelque chose"
    assert why in page
    assert "<textarea" not in page
    assert response.status_code == 409
    assert why in text(response)
    assert not Dispute.objects.exists()


def test_a_second_contest_is_answered_409(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    response = owner.post(f"{url}contester/", said())
    assert response.status_code == 409
    assert f"{url}contestation/" in text(response)
    assert Dispute.objects.count() == 1


# The exchange.


def test_an_exchange_that_does_not_exist_is_not_found(owner: Client, url: str) -> None:
    assert owner.get(f"{url}contestation/").status_code == 404


def test_the_shop_reads_the_answer_and_replies_with_a_photo(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    assert f"C’est à nous{THIN}: nous répondons au plus tard le 20\u00a0novembre\u00a02026" in text(owner.get(f"{url}contestation/"))
    deciding.ask(dispute_id=Dispute.objects.get().pk, by=cast.support(), text="À quelle <b>heure</b> ?")
    response = owner.get(f"{url}contestation/")
    assert "Nous vous avons posé une question et attendons votre réponse" in text(response)
    assert "&lt;b&gt;heure" in response.content.decode()
    photo = SimpleUploadedFile("photo.jpg", image("JPEG"))
    assert owner.post(f"{url}contestation/", {"text": "À midi.", "file": photo}).status_code == 302
    assert Dispute.objects.get().state == Dispute.State.OPEN
    assert "photo.jpg" in text(owner.get(f"{url}contestation/"))
    assert mail.outbox[-1].subject.endswith("le relais a répondu")


def test_an_empty_reply_is_refused(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    response = owner.post(f"{url}contestation/", {"text": ""})
    assert response.status_code == 422
    assert text(response).count("Écrivez votre message.") == 2


def test_a_late_answer_is_owned_up_to(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    with world.on(dt.date(2026, 11, 21)):
        page = text(owner.get(f"{url}contestation/"))
    assert f"Vous auriez dû avoir notre réponse le 20\u00a0novembre\u00a02026{THIN}: nous en sommes désolés" in page


def test_a_granted_contest_says_plainly_who_issues_the_correction(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    deciding.grant(dispute_id=Dispute.objects.get().pk, by=cast.support(), text="Oui.")
    page = text(owner.get(f"{url}contestation/"))
    assert "Vous avez raison" in page
    assert "votre mandat nous permet d’établir vos factures, pas de les rectifier" in page
    assert "<textarea" not in page
    assert owner.post(f"{url}contestation/", {"text": "Merci."}).status_code == 409


def test_a_refused_contest_may_be_followed_by_another_until_the_day_that_is_shown(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    deciding.refuse(dispute_id=Dispute.objects.get().pk, by=cast.support(), text="Le bordereau dit 100.")
    assert "Vous pouvez contester de nouveau jusqu’au 2\u00a0décembre\u00a02026." in text(owner.get(f"{url}contestation/"))
    assert owner.post(f"{url}contester/", said()).status_code == 302
    page = text(owner.get(f"{url}contestation/"))
    assert "Contestation précédente, du 10\u00a0novembre\u00a02026" in page
    assert "Le bordereau dit 100." in page


def test_messages_are_limited(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    statuses = [owner.post(f"{url}contestation/", {"text": f"{n}"}).status_code for n in range(20)]
    assert statuses == [302] * 19 + [429]
    assert DisputeMessage.objects.count() == 20


# A file.


def test_a_file_is_saved_and_never_shown(owner: Client, accountant: Client, url: str) -> None:
    owner.post(f"{url}contester/", said(file=SimpleUploadedFile("N’Guyen.png", image("PNG"))))
    where = f"{url}contestation/fichiers/{DisputeFile.objects.get().pk}/"
    for browser in (owner, accountant):
        response = browser.get(where)
        assert response.content == image("PNG")
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''N%E2%80%99Guyen.png"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "private, no-store"


def test_a_file_of_another_invoice_is_not_found(owner: Client, stranger: Client, manager: Client, url: str) -> None:
    owner.post(f"{url}contester/", said(file=SimpleUploadedFile("a.png", image("PNG"))))
    pk = DisputeFile.objects.get().pk
    assert stranger.get(f"{url}contestation/fichiers/{pk}/").status_code == 404
    assert owner.get(f"/factures/R0002-2026-00001/contestation/fichiers/{pk}/").status_code == 404
    assert manager.get(f"/bureau/contestations/fichiers/{pk}/").status_code == 403


# Accepting.


def test_the_owner_accepts_on_a_page_of_its_own(owner: Client, url: str, invoice: Invoice) -> None:
    assert "J’accepte cette facture" in text(owner.get(f"{url}accepter/"))
    assert not Acceptance.objects.exists()
    assert owner.post(f"{url}accepter/")["Location"] == url
    assert Acceptance.objects.get().by == cast.person("alice@example.org")
    response = owner.post(f"{url}accepter/")
    assert response.status_code == 409
    assert "déjà" in text(response) or "acceptée le 10\u00a0novembre\u00a02026" in text(response)


def test_what_is_contested_is_not_accepted(owner: Client, url: str) -> None:
    owner.post(f"{url}contester/", said())
    assert owner.post(f"{url}accepter/").status_code == 409
    assert not Acceptance.objects.exists()


# Who may.


@pytest.mark.parametrize("page", ["contester/", "accepter/", "contestation/"])
def test_what_binds_the_shop_is_its_owner_s(employee: Client, accountant: Client, url: str, page: str) -> None:
    owner = cast.browser(cast.owner(Invoice.objects.get().relay))
    owner.post(f"{url}contester/", said())
    before = (Dispute.objects.count(), DisputeMessage.objects.count())
    for browser in (employee, accountant):
        assert browser.post(f"{url}{page}", said()).status_code == 404
        assert browser.get(f"{url}{page}").status_code == (200 if page == "contestation/" else 404)
    assert (Dispute.objects.count(), DisputeMessage.objects.count()) == before
    assert "<textarea" not in text(accountant.get(f"{url}contestation/"))


@pytest.mark.parametrize("page", ["contester/", "accepter/", "contestation/"])
def test_a_stranger_finds_nothing_and_a_visitor_signs_in(owner: Client, stranger: Client, visitor: Client, url: str, page: str) -> None:
    owner.post(f"{url}contester/", said())
    assert stranger.get(f"{url}{page}").status_code == 404
    assert stranger.post(f"{url}{page}", said()).status_code == 404
    assert visitor.get(f"{url}{page}")["Location"].startswith("/compte/")


@pytest.mark.parametrize("page", ["contester/", "accepter/", "contestation/"])
def test_other_methods_are_not_allowed(owner: Client, url: str, page: str) -> None:
    assert owner.put(f"{url}{page}").status_code == 405
    assert owner.delete(f"{url}{page}").status_code == 405


# It did not arrive.


def test_an_invoice_that_did_not_arrive_is_chosen_among_the_last_twelve(employee: Client, url: str, invoice: Invoice) -> None:
    where = f"/relais/{invoice.relay.code}/demandes/facture-non-recue/"
    page = text(employee.get(f"{where}?number={invoice.number}"))
    assert f"Octobre\u00a02026, 46,20{THIN}€ ({invoice.number})" in page
    assert employee.post(where, {"number": invoice.number, "text": ""})["Location"] == f"/relais/{invoice.relay.code}/demandes/"
    asked = Request.objects.get()
    assert (asked.kind, asked.about, asked.by.email) == ("not_received", invoice.number, "bob@example.org")
    assert JournalEntry.objects.get(act="claimed a copy").detail["about"] == invoice.number
    response = employee.post(where, {"number": invoice.number})
    assert response.status_code == 409
    assert "Vous nous avez déjà signalé" in text(response)


def test_another_relay_s_invoice_is_no_choice(owner: Client, stranger: Client, url: str, invoice: Invoice) -> None:
    where = f"/relais/{invoice.relay.code}/demandes/facture-non-recue/"
    response = owner.post(where, {"number": "R0002-2026-00001"})
    assert response.status_code == 422
    assert text(response).count("Choisissez la facture qui n’est pas arrivée.") == 2
    assert stranger.get(where).status_code == 404
    assert stranger.post(where, {"number": invoice.number}).status_code == 404
    assert owner.put(where).status_code == 405
    assert not Request.objects.exists()


def test_without_any_invoice_there_is_nothing_to_choose() -> None:
    shop = world.relay("R0007", shop=2)
    page = text(cast.browser(cast.owner(shop)).get("/relais/R0007/demandes/facture-non-recue/"))
    assert "Aucune facture n’a encore été établie." in page
