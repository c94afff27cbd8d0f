"""The portal: a shop's pages, an accountant's, those of whoever acts for nobody."""

import datetime as dt
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from invoices import production
from invoices.delivery.message import compose
from invoices.disputes import deciding
from invoices.models import Dispute, Document, Invoice
from relays.models import Identity, Mandate, MandateText, Relay, Role
from tests import cast, world
from tests.invoices import handed_over, months, seals
from tests.journeys.looking import Look

LONG = "Société d’exploitation de l’épicerie fine Au Cœur des Halles"  # 60 characters
NARROW: dict[str, Any] = {
    "legal_name": LONG,
    "trade_name": LONG,
    "city": "Saint-Germain-de-Tallevende-la-Lande-Vaumont",
    "email": f"{'tres-' * 9}long@example.org",
}
WORDS = "Article 1. Le mandant donne mandat au mandataire d’établir en son nom et pour son compte ses factures.\n\n" * 8
NOVEMBER = dt.date(2026, 11, 10)


def an_invoice() -> Invoice:
    """October's, of a shop with long names: large amounts, three services, VAT and a correction; Alice's."""
    shop = world.relay(**NARROW)
    world.tariff("LIV", (0, "0.3850"), (500, "0.3500"))
    world.tariff("DEP", (0, "1.2500"))
    for day in range(1, 29):
        world.did(shop, 5217, day=day)
    world.did(shop, 77, service="DEP")
    world.did(shop, -3, service="DEP", day=11)
    world.adjusted(shop, "-12.34", label="Malus de qualité du mois de septembre, colis rendus en retard")
    world.billed_approved_and_issued()
    return Invoice.objects.get(relay=shop)


def an_invoice_s_life(look: Look) -> None:
    """Issued, sealed, sent; its page and all that one can do with it."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        alice = cast.browser(cast.owner(invoice.relay))
        page = f"/factures/{invoice.number}/"
        look(alice, page)
        look(alice, f"/factures/{invoice.number}.pdf", status=409)
        world.sealed_and_archived()
        handed_over.by_email(invoice, world.BILLED_ON)
        for path in ("/", "/factures/", page, f"{page}contester/", f"{page}accepter/"):
            look(alice, path)
        look(alice, f"{page}contester/", {}, status=422)
        look(alice, f"{page}contester/", {"line": "1", "claimed_quantity": "-3", "text": ""}, status=422)
        alice.post(f"{page}accepter/")
        look(alice, page)
        look(alice, f"{page}accepter/", {}, status=409)
        look(alice, f"{page}contester/", {"line": "whole", "text": "Trop tard."}, status=409)
        away(look, alice, f"/factures/{invoice.number}.pdf")
    with world.on(dt.date(2026, 12, 20)):
        alice = cast.browser(cast.person("alice@example.org"))
        look(alice, page)
        look(alice, f"{page}contester/")


def the_letter_with_an_invoice(look: Look) -> None:
    """As a mail program shows it."""
    invoice = an_invoice()
    world.sealed_and_archived()
    document = Document.objects.get()
    sent = compose(invoice, document=document, pdf=production.original(document), message_id="<x@y>", at=handed_over.noon(NOVEMBER))
    message = message_from_bytes(sent, policy=policy.default)
    html = message.get_body(("html",))
    assert html is not None
    look.show_letter(str(message["Subject"]), html.get_content())


def away(look: Look, browser: Any, path: str) -> None:
    """A file while the archive does not answer."""
    store = production.archive()
    root, store.root = store.root, Path("/nowhere")
    try:
        look(browser, path, status=503)
    finally:
        store.root = root


def a_contest(look: Look) -> None:
    """Opened, asked, replied to, late, refused, opened again, granted."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        handed_over.by_email(invoice, world.BILLED_ON)
        alice, sacha = cast.browser(cast.owner(invoice.relay)), cast.support()
        page, exchange = f"/factures/{invoice.number}/", f"/factures/{invoice.number}/contestation/"
        file = SimpleUploadedFile(f"{'bordereau-' * 12}.pdf", seals.plain_pdf())
        alice.post(f"{page}contester/", {"line": "1", "claimed_quantity": "999999", "text": f"{LONG} " * 20, "file": file})
        dispute = Dispute.objects.get()
        look(alice, exchange)
        look(alice, page)
        look(alice, f"{page}accepter/", {}, status=409)
        deciding.ask(dispute_id=dispute.pk, by=sacha, text="Pouvez-vous nous envoyer le bordereau ?")
        look(alice, "/")
        look(alice, exchange)
        look(alice, exchange, {"text": ""}, status=422)
        look(cast.browser(cast.accountant(invoice.relay)), exchange)
        alice.post(exchange, {"text": "Le voici."})
        with world.on(dt.date(2026, 11, 30)):
            look(cast.browser(cast.person("alice@example.org")), exchange)
        deciding.refuse(dispute_id=dispute.pk, by=sacha, text="Le bordereau dit 100.")
        look(alice, exchange)
        alice.post(f"{page}contester/", {"line": "whole", "text": "Si, je vous assure."})
        deciding.grant(dispute_id=Dispute.objects.latest("pk").pk, by=sacha, text="Vous avez raison.")
        look(alice, exchange)
        look(alice, page)
    look.letters()


def what_a_shop_asks(look: Look) -> None:
    """Requests: none yet, mistakes, asked, the same twice."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        bob = cast.browser(cast.employee(invoice.relay))
        requests = f"/relais/{invoice.relay.code}/demandes/"
        look(bob, requests)
        for kind in ("coordonnees", "facture-non-recue"):
            look(bob, f"{requests}{kind}/")
            look(bob, f"{requests}{kind}/", {}, status=422)
        change = {"what": ["address", "iban"], "since": "2026-12-01", "text": f"{LONG} " * 10}
        claim = {"number": invoice.number, "text": "Rien reçu."}
        for kind, sent in (("coordonnees", change), ("facture-non-recue", claim)):
            assert bob.post(f"{requests}{kind}/", sent).status_code == 302
            look(bob, f"{requests}{kind}/", sent, status=409)
        look(bob, requests)


def a_shop_s_choices(look: Look) -> None:
    """By e-mail or on paper; the mandate in each of its states."""
    with world.on(NOVEMBER):
        shop = world.relay(mandate=None, opted_in=False, **NARROW)
        alice = cast.browser(cast.owner(shop))
        by_email, mandate = f"/relais/{shop.code}/email/", f"/relais/{shop.code}/mandat/"
        look(alice, by_email)
        alice.post(by_email, {"choice": "email", "address": NARROW["email"]})
        look(alice, by_email)
        look(alice, by_email, {"choice": "email", "address": "another@example.org"}, status=409)
        alice.post(by_email, {"choice": "paper"})
        look(alice, by_email)
        look(alice, mandate)
        text = MandateText.objects.create(version="2026-1", contest_days=30, body=WORDS)
        waiting = Mandate.objects.create(relay=shop, text=text, signed_on=NOVEMBER, valid_from=NOVEMBER, channel="paper")
        look(alice, mandate)
        Mandate.objects.filter(pk=waiting.pk).update(state="rejected", decided_at=handed_over.noon(NOVEMBER), reason="La signature manque.")
        look(alice, mandate)
        world.give_mandate(shop, dt.date(2024, 1, 1), dt.date(2024, 12, 31), contest_days=None)
        first = dt.date(2026, 1, 1)
        Mandate.objects.create(relay=shop, text=text, signed_on=first, valid_from=first, channel="online", state="approved")
        look(alice, mandate)
        Identity.objects.filter(relay=shop).update(email="")
        look(alice, by_email)


def a_shop_s_first_days(look: Look) -> None:
    """Nothing yet; somebody who acts for nobody; the desk's people at home."""
    with world.on(NOVEMBER):
        shop = world.relay(opted_in=False)
        alice = cast.browser(cast.owner(shop))
        look(alice, "/")
        look(alice, "/factures/")
        look(alice, f"/relais/{shop.code}/")
        look(alice, f"/relais/{shop.code}/demandes/facture-non-recue/")
        world.did(shop, 10)
        look(alice, "/")
        look(cast.browser(cast.stranger()), "/")
        look(cast.browser(cast.support()), "/")


def years_of_invoices(look: Look) -> None:
    """Two years of them, searched."""
    with world.on(dt.date(2028, 1, 10)):
        invoice = an_invoice()
        months.after(invoice, months=14, sealed=True)
        alice = cast.browser(cast.owner(invoice.relay))
        for query in ("", "?annee=2026", "?annee=2020", "?q=octobre", "?q=nichts"):
            look(alice, f"/factures/{query}")
        look(alice, f"/relais/{invoice.relay.code}/factures/")


def several_shops(look: Look) -> None:
    """An accountant's clients on two pages, some with invoices; which one is meant where several could be."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        others = Relay.objects.bulk_create(Relay(code=f"S{n:04d}") for n in range(55))
        chloe = cast.accountant(invoice.relay, *others)
        browser = cast.browser(chloe)
        for path in ("/", "/?page=2", "/?q=halles", "/?q=nichts", f"/relais/{invoice.relay.code}/", "/mandat/", "/demandes/"):
            look(browser, path)
        owner = cast.acts_for(cast.stranger(), invoice.relay, *others[:2], role=Role.OWNER)
        look(cast.browser(owner), "/")


def a_letter_that_came_back(look: Look) -> None:
    """An e-mail that came back is said at home."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        sent = handed_over.by_email(invoice, world.BILLED_ON)
        alice = cast.browser(cast.owner(invoice.relay))
        cast.browser(cast.support()).post(f"/bureau/livraisons/{sent.pk}/retour/", {"reason": "550 5.1.1 user unknown"})
        look(alice, "/")
        look(alice, f"/factures/{invoice.number}/")
    look.letters()


SCENES = [
    an_invoice_s_life,
    the_letter_with_an_invoice,
    a_contest,
    what_a_shop_asks,
    a_shop_s_choices,
    a_shop_s_first_days,
    years_of_invoices,
    several_shops,
    a_letter_that_came_back,
]
