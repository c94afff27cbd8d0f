"""Support's desk: one box to find a relay, its story, contests and requests to answer; who may."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from invoices.disputes import contesting
from invoices.models import Dispute, DisputeFile, DisputeMessage, Due, Invoice
from relays import changing_details, claiming
from relays.models import Identity, Person, Relay, Request, Role
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.invoices import handed_over
from tests.sent_files import image

pytestmark = pytest.mark.django_db
THIN = "\u202f"


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def dispute(invoice: Invoice) -> Dispute:
    if not invoice.deliveries.exists():
        handed_over.by_email(invoice, world.BILLED_ON)
    line = invoice.lines.get()
    return contesting.contest(invoice_id=invoice.pk, by=alice(), text="Le 14, 12 de plus.", line_id=line.pk, claimed_quantity=112)


@pytest.fixture
def claim(invoice: Invoice) -> Request:
    if not invoice.deliveries.exists():
        handed_over.by_email(invoice, world.BILLED_ON)
    return claiming.claim(relay_id=invoice.relay_id, number=invoice.number, text="Rien reçu.", by=alice())


def alice() -> Person:
    """Who owns the shop, whether or not her membership is made already."""
    return cast.person("alice@example.org", name="Alice N’Guyen")


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def found(support: Client, sought: str) -> list[str]:
    """The relays' codes, in the order shown; of one relay its page is shown at once."""
    response = support.get("/bureau/support/", {"q": sought})
    if response.status_code == 302:
        return [response["Location"].split("/")[-2]]
    return [hit.relay.code for hit in response.context["found"]]


# Who.


def test_the_desk_is_for_support(support: Client, manager: Client, clerk: Client, owner: Client, dispute: Dispute, claim: Request) -> None:
    pages = [
        "/bureau/support/",
        "/bureau/contestations/",
        f"/bureau/contestations/{dispute.pk}/",
        "/bureau/demandes/",
        f"/bureau/demandes/{claim.pk}/",
        f"/bureau/factures/{dispute.invoice.number}/renvoyer/",
    ]
    for page in pages:
        assert support.get(page).status_code == 200, page
        assert [browser.get(page).status_code for browser in (manager, clerk, owner)] == [403] * 3, page
        assert Client().get(page)["Location"].startswith("/compte/"), page
        assert support.delete(page).status_code == 405, page
    for browser in (manager, owner):
        assert browser.post(f"/bureau/contestations/{dispute.pk}/", {"text": "x", "act": "grant"}).status_code == 403
    assert Dispute.objects.get().state == Dispute.State.OPEN


def test_billing_looks_at_a_relay_without_a_button(manager: Client, support: Client, clerk: Client, dispute: Dispute) -> None:
    page = f"/bureau/relais/{dispute.invoice.relay.code}/"
    assert [browser.get(page).status_code for browser in (manager, support, clerk)] == [200, 200, 403]
    assert "Renvoyer" in text(support.get(page))
    assert "Renvoyer" not in text(manager.get(page))
    assert "/bureau/support/" not in text(manager.get(page))


@pytest.mark.parametrize(
    "page", ["relais/R9999", "contestations/99", "contestations/fichiers/99", "demandes/99", "factures/R9-2026-00001/renvoyer"]
)
def test_what_does_not_exist_is_not_found(support: Client, page: str) -> None:
    assert support.get(f"/bureau/{page}/").status_code == 404


# The search.


@pytest.fixture
def shops(db: None) -> list[Relay]:
    names: list[dict[str, Any]] = [
        {"legal_name": "N’Guyen & Fils", "trade_name": "Tabac-Presse N’Guyen", "city": "Évry-Courcouronnes"},
        {"legal_name": "Œuvre", "city": "Saint-Étienne"},
        {"legal_name": "Doğan, Pawłowski & Cie", "trade_name": "Épicerie Doğan", "city": "Nantes", "email": "dogan@exemple.fr"},
        {"legal_name": "L’Étoile", "trade_name": "Épicerie de l’Étoile", "city": "Nantes"},
    ]
    return [world.relay(f"R000{n}", shop=n, **name) for n, name in enumerate(names, start=1)]


@pytest.mark.parametrize(
    ("sought", "codes"),
    [
        ("R0003", ["R0003"]),
        ("r000", ["R0001", "R0002", "R0003", "R0004"]),
        ("n'guyen", ["R0001"]),
        ("N’GUYEN evry", ["R0001"]),
        ("oeuvre", ["R0002"]),
        ("œuvre", ["R0002"]),
        ("epicerie", ["R0003", "R0004"]),
        ("épicerie nantes", ["R0003", "R0004"]),
        ("epicerie dogan", ["R0003"]),
        ("pawlowski", ["R0003"]),
        ("dogan@exemple.fr", ["R0003"]),
        ("101 717 650 29753", ["R0001"]),
        ("10171765029753", ["R0001"]),
        ("101717650", ["R0001"]),
        ("44000 etoile", ["R0004"]),
        ("%", []),
        ("_____", []),
        ("boulangerie", []),
    ],
)
def test_one_box_finds_by_any_word_of_it(support: Client, shops: list[Relay], sought: str, codes: list[str]) -> None:
    assert found(support, sought) == codes


def test_an_invoice_s_number_finds_its_relay(support: Client, invoice: Invoice) -> None:
    assert found(support, invoice.number) == [invoice.relay.code]


def test_a_relay_is_found_by_what_it_was_called_before_and_shown_as_it_is_called_now(support: Client, shops: list[Relay]) -> None:
    Identity.objects.create(relay=shops[1], valid_from=dt.date(2026, 11, 1), legal_name="Chef-d’œuvre SARL", city="Lyon")
    Identity.objects.filter(relay=shops[0]).update(city="Saint-Étienne")
    page = text(support.get("/bureau/support/", {"q": "saint-etienne"}))
    assert "Chef-d’œuvre SARL" in page
    assert "Lyon" in page


def test_nobody_found_is_said_and_nothing_asked_shows_what_waits(support: Client) -> None:
    assert f"Aucun relais ne répond à «{THIN}boulangerie{THIN}»" in text(support.get("/bureau/support/?q=boulangerie"))
    page = text(support.get("/bureau/support/"))
    assert "Aucune contestation ne nous attend." in page
    assert "Aucune demande ne nous attend." in page


# The story.


def test_a_relay_s_whole_story_is_on_one_page_the_latest_first(support: Client, dispute: Dispute, claim: Request) -> None:
    invoice = dispute.invoice
    contesting.reply(dispute_id=dispute.pk, by=alice(), text="Voici la photo.")
    page = text(support.get(f"/bureau/relais/{invoice.relay.code}/"))
    told = [
        f"Le relais a écrit au sujet de {invoice.number}",
        f"Facture {invoice.number} non reçue",
        f"Facture {invoice.number} contestée",
        f"Facture {invoice.number} émise{THIN}: octobre\u00a02026, 46,20{THIN}€",
        f"{invoice.number} envoyée par e-mail à r0001@example.org",
        "Mandat saisi, texte text-30",
        f"Relais enregistré{THIN}: Épicerie de l’Étoile",
        "E-mail choisi, repris d’un fichier",
        f"TVA{THIN}: régime normal",
    ]
    assert [one for one in told if one not in page] == []
    assert page.index(told[0]) < page.index(told[2]) < page.index(told[-1])
    assert "IBAN" in page
    assert "FR7690059324024422242085611" not in page


def test_what_changed_is_said_field_by_field(support: Client, invoice: Invoice) -> None:
    before = Identity.objects.get()
    fields = {"legal_name": before.legal_name, "siret": before.siret, "city": "Rezé", "email": "etoile@example.org"}
    Identity.objects.create(relay=invoice.relay, valid_from=dt.date(2026, 11, 5), **fields)
    page = text(support.get(f"/bureau/relais/{invoice.relay.code}/"))
    assert "Coordonnées changées" in page
    assert f"Ville{THIN}: Nantes → Rezé" in page
    assert f"E-mail{THIN}: r0001@example.org → etoile@example.org" in page


def test_the_journal_says_who_did_what_from_where_before_and_after(support: Client, dispute: Dispute) -> None:
    support.post(f"/bureau/contestations/{dispute.pk}/", {"text": "Le bordereau dit 100.", "act": "refuse"})
    page = text(support.get(f"/bureau/relais/{dispute.invoice.relay.code}/?journal"))
    for told in (
        "a refusé une contestation",
        "Sacha Perrin",
        "le bureau",
        "127.0.0.1",
        "state: open → refused",
        f"Facture {dispute.invoice.number}",
    ):
        assert told in page


def test_the_story_is_paged_and_its_queries_do_not_grow(support: Client, dispute: Dispute) -> None:
    page = f"/bureau/relais/{dispute.invoice.relay.code}/"
    with CaptureQueriesContext(
        connection,
    ) as few:
        support.get(page)
    for n in range(60):
        contesting.reply(dispute_id=dispute.pk, by=alice(), text=f"Encore {n}.")
    with CaptureQueriesContext(connection) as many:
        first = text(support.get(page))
    assert len(many) == len(few) <= 30
    assert "Page 1 sur 2" in first
    assert "Encore 59." in first
    assert "Relais enregistré" in text(support.get(f"{page}?page=2"))


# Contests.


def test_contests_are_listed_by_deadline_the_late_ones_said(support: Client, dispute: Dispute) -> None:
    assert "20\u00a0novembre\u00a02026" in text(support.get("/bureau/contestations/"))
    with world.on(dt.date(2026, 11, 21)):
        page = text(support.get("/bureau/contestations/"))
        assert "En retard depuis le 20\u00a0novembre\u00a02026" in page
        assert "1 en retard" in text(support.get("/bureau/support/"))
    assert "Service LIV" in page
    assert "100 → 112" in page
    assert "Aucune contestation n’attend un relais." in text(support.get("/bureau/contestations/?etat=attente"))
    assert "Aucune contestation n’est encore tranchée." in text(support.get("/bureau/contestations/?etat=decidees"))


def test_a_contest_is_shown_with_what_was_counted_and_what_the_law_leaves_to_the_relay(support: Client, dispute: Dispute) -> None:
    page = text(support.get(f"/bureau/contestations/{dispute.pk}/"))
    assert "Le 14, 12 de plus." in page
    assert "10\u00a0octobre" in page  # the day that was counted
    assert 'D’après le relais</dt><dd class="amount">112' in page
    assert "c’est lui qui établit la facture rectificative" in page


@pytest.mark.parametrize(
    ("act", "state", "subject"),
    [
        ("answer", "open", "notre réponse"),
        ("ask", "asked", "une question"),
        ("grant", "granted", "vous avez raison"),
        ("refuse", "refused", "notre réponse"),
    ],
)
def test_each_button_sends_the_message_and_does_what_it_says(support: Client, dispute: Dispute, act: str, state: str, subject: str) -> None:
    url = f"/bureau/contestations/{dispute.pk}/"
    photo = SimpleUploadedFile("bordereau.png", image("PNG"))
    assert support.post(url, {"text": "Le bordereau dit <112>.", "act": act, "file": photo}).status_code == 302
    assert Dispute.objects.get().state == state
    message = DisputeMessage.objects.latest("pk")
    assert (message.from_desk, message.by.email, message.text) == (True, "sacha@example.org", "Le bordereau dit <112>.")
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert subject in letter.subject
    assert "Le bordereau dit <112>." in letter.body
    assert f"/factures/{dispute.invoice.number}/contestation/" in letter.body
    assert "&lt;112&gt;" in str(letter.message())
    assert JournalEntry.objects.latest("pk").through == "desk"


def test_reasons_are_asked_for_and_an_unknown_button_does_nothing(support: Client, dispute: Dispute) -> None:
    url = f"/bureau/contestations/{dispute.pk}/"
    silent = support.post(url, {"text": " ", "act": "refuse"})
    assert silent.status_code == 422
    assert text(silent).count("Écrivez votre message.") == 2
    unknown = support.post(url, {"text": "Oui.", "act": "burn"})
    assert unknown.status_code == 422
    assert "Choisissez ce que vous faites de cette contestation." in text(unknown)
    assert "Oui." in text(unknown)
    assert Dispute.objects.get().state == Dispute.State.OPEN


def test_of_two_who_decide_the_second_is_told(support: Client, dispute: Dispute) -> None:
    url = f"/bureau/contestations/{dispute.pk}/"
    support.post(url, {"text": "Oui.", "act": "grant"})
    response = support.post(url, {"text": "Non.", "act": "refuse"})
    assert response.status_code == 409
    assert "Sacha Perrin a déjà tranché cette contestation" in text(response)
    assert Dispute.objects.get().state == Dispute.State.GRANTED


def test_a_decision_stands_though_the_mail_server_is_away(support: Client, dispute: Dispute, settings: Any) -> None:
    settings.EMAIL_BACKEND = "selfbilling.outgoing.Backend"
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", 1  # nobody listens there
    response = support.post(f"/bureau/contestations/{dispute.pk}/", {"text": "Oui.", "act": "grant"}, follow=True)
    assert Dispute.objects.get().state == Dispute.State.GRANTED
    assert "l’e-mail n’a pas pu partir" in text(response)


def test_support_saves_a_file_of_the_exchange(support: Client, dispute: Dispute) -> None:
    support.post(
        f"/bureau/contestations/{dispute.pk}/", {"text": "Voici.", "act": "answer", "file": SimpleUploadedFile("a.png", image("PNG"))}
    )
    response = support.get(f"/bureau/contestations/fichiers/{DisputeFile.objects.get().pk}/")
    assert response.content == image("PNG")
    assert response["Content-Disposition"] == 'attachment; filename="a.png"'


def test_an_exchange_reads_the_names_of_its_files_and_not_their_bytes(support: Client, dispute: Dispute) -> None:
    for n in range(3):
        file = SimpleUploadedFile(f"{n}.png", image("PNG"))
        support.post(f"/bureau/contestations/{dispute.pk}/", {"text": "Voici.", "act": "answer", "file": file})
    owner = cast.browser(cast.acts_for(alice(), dispute.invoice.relay, role=Role.OWNER))
    for browser, page in ((support, f"/bureau/contestations/{dispute.pk}/"), (owner, f"/factures/{dispute.invoice.number}/contestation/")):
        with CaptureQueriesContext(connection) as asked:
            assert "2.png" in text(browser.get(page))
        about_files = [query["sql"] for query in asked if "invoices_disputefile" in query["sql"]]
        assert len(about_files) == 1
        assert '"data"' not in about_files[0]


# Requests.


def test_a_claim_is_answered_and_the_invoice_sent_again_in_one_go(support: Client, claim: Request) -> None:
    url = f"/bureau/demandes/{claim.pk}/"
    page = text(support.get(url))
    assert "Rien reçu." in page
    assert "envoyée par e-mail à r0001@example.org" in page
    assert support.post(url, {"text": "Nous la renvoyons.", "again": "email"}).status_code == 302
    answered = Request.objects.get()
    assert (answered.answer, answered.answered_by and answered.answered_by.email) == ("Nous la renvoyons.", "sacha@example.org")
    assert Due.objects.get().channel == "email"
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert letter.subject == f"Facture {claim.about} non reçue : notre réponse"
    assert "Nous la renvoyons." in letter.body
    assert "Notre réponse" in text(support.get(url))


def test_what_cannot_be_sent_again_leaves_the_request_unanswered(support: Client, claim: Request) -> None:
    Due.objects.create(invoice=Invoice.objects.get(), step=Due.Step.DELIVER)
    response = support.post(f"/bureau/demandes/{claim.pk}/", {"text": "Nous la renvoyons.", "again": "email"})
    assert response.status_code == 409
    assert "attend déjà de partir" in text(response)
    assert Request.objects.get().answered_at is None
    assert mail.outbox == []


def test_a_change_of_details_is_shown_with_a_warning_and_answered_once(support: Client, shop: Relay) -> None:
    asked = changing_details.report(relay_id=shop.pk, what=["iban"], since=dt.date(2026, 12, 1), text="FR76 …", by=alice())
    url = f"/bureau/demandes/{asked.pk}/"
    page = text(support.get(url))
    assert f"Coordonnées{THIN}: le compte bancaire (IBAN)" in page
    assert "Rappelez le relais au numéro que vous connaissez" in page
    assert "À partir du 1 décembre 2026" in page
    assert support.post(url, {"text": ""}).status_code == 422
    assert support.post(url, {"text": "C’est noté."}).status_code == 302
    response = support.post(url, {"text": "Encore."})
    assert response.status_code == 409
    assert "Sacha Perrin a déjà répondu" in text(response)
    assert "Aucune demande ne nous attend." in text(support.get("/bureau/demandes/"))
    assert "le compte bancaire" in text(support.get("/bureau/demandes/?repondues"))
