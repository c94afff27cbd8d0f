"""What is ours in the admin: mandates to approve, invitations, members of staff, files to import."""

import csv
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relays import inviting
from relays.models import Mandate, MandateText, Person, Relay, Role
from tests import cast, world
from tests.invoices import seals
from tests.journeys.looking import Look
from tests.journeys.scenes.desk import photo
from tests.journeys.scenes.portal import LONG, NARROW, NOVEMBER, an_invoice
from tests.operators_files import ACTIVITY, ADJUSTMENT, MANDATE, RELAY, TARIFF, Row

RELAYS, BILLING = "/admin/relays/relay/importer/", "/admin/invoices/run/importer/"


def mandates_to_approve(look: Look) -> None:
    """None; several, complete and not; searched; one rejected; none ticked."""
    with world.on(NOVEMBER):
        claude = cast.browser(cast.clerk())
        queue = "/admin/relays/mandate/a-approuver/"
        look(claude, queue)
        text = MandateText.objects.create(version="2026-1", contest_days=30)
        for relay, entered_by in (
            (world.relay(**NARROW, mandate=None), None),
            (world.relay("R0002", shop=1, mandate=None, siret="", regime="franchise"), cast.clerk()),
            (world.relay("R0003", shop=2, mandate=None, vat_number="FR11287244677"), cast.support()),
        ):
            Mandate.objects.create(relay=relay, text=text, signed_on=NOVEMBER, valid_from=NOVEMBER, channel="paper", entered_by=entered_by)
        for query in ("", "?q=halles&channel=paper", "?q=nichts"):
            look(claude, f"{queue}{query}")
        reject = f"/admin/relays/mandate/{Mandate.objects.earliest('pk').pk}/refuser/"
        look(claude, reject)
        look(claude, reject, {"reason": " "}, status=422)
        claude.post(queue, {"mandate": [str(Mandate.objects.get(relay__code="R0003").pk)]})
        look(claude, queue)


def the_document_of_a_mandate(look: Look) -> None:
    """No scan, a wrong file, one as PDF, a better one as a photo; the mandate in the admin and in the portal; given on line."""
    with world.on(NOVEMBER):
        shop = world.relay(**NARROW)
        claude, mandate = cast.browser(cast.clerk()), shop.mandates.get()
        page = f"/admin/relays/mandate/{mandate.pk}/document/"
        look(claude, page)
        look(claude, page, {}, status=422)
        for file in (SimpleUploadedFile("scan.pdf", seals.plain_pdf()), SimpleUploadedFile("scan.png", photo())):
            assert claude.post(page, {"file": file}).status_code == 302
            look(claude, page)
        look(claude, page, {"file": SimpleUploadedFile("scan.png", photo())}, status=409)
        look(claude, f"/admin/relays/mandate/{mandate.pk}/change/")
        look(cast.browser(cast.owner(shop)), f"/relais/{shop.code}/mandat/")
        text = MandateText.objects.create(version="2026-1", contest_days=30)
        online = Mandate.objects.create(relay=shop, text=text, signed_on=NOVEMBER, valid_from=NOVEMBER, channel="online")
        look(claude, f"/admin/relays/mandate/{online.pk}/document/")


def who_acts_for_a_relay(look: Look) -> None:
    """Nobody; invited; in; wrongly; the relay's own page and lists."""
    with world.on(NOVEMBER):
        shop = world.relay(**NARROW)
        claude = cast.browser(cast.clerk())
        people = f"/admin/relays/relay/{shop.pk}/personnes/"
        for path in (people, f"/admin/relays/relay/{shop.pk}/change/", "/admin/relays/relay/", "/admin/"):
            look(claude, path)
        cast.owner(shop)
        inviting.invite(relay=shop, email=NARROW["email"], role=Role.EMPLOYEE, by=cast.clerk())
        look(claude, people)
        look(claude, people, {"email": "nobody at home", "role": "owner"}, status=422)
        look(claude, people, {"email": NARROW["email"], "role": "employee"}, status=409)
        look(claude, "/admin/logout/", {})
    look.letters()


def the_words_of_a_mandate(look: Look) -> None:
    """To enter; wrongly; entered before."""
    text = MandateText.objects.create(version="2025-1", on_paper=True, contest_days=30)
    claude, page = cast.browser(cast.clerk()), f"/admin/relays/mandatetext/{text.pk}/texte/"
    look(claude, page)
    look(claude, page, {"body": "", "contest_days": "0"}, status=422)
    claude.post(page, {"body": "Le mandant…", "contest_days": "30"})
    look(claude, page, {"body": "Autre", "contest_days": "30"}, status=409)


def members_of_staff(look: Look) -> None:
    """The form, with mistakes; the link."""
    boss = Person.objects.create_superuser("boss@example.org", cast.PASSWORD, name="Inès Boss")
    browser, page = cast.browser(cast.with_second_factor(boss)), "/admin/relays/person/membre/"
    for path in ("/admin/", "/admin/relays/person/", page):
        look(browser, path)
    look(browser, page, {"email": "ondine"}, status=422)
    browser.post(page, {"email": "ondine@example.org", "group": "support"})
    look(browser, f"{page}lien/")


def files_of_relays(look: Look) -> None:
    """Chosen wrongly; new, changed and bad rows; nothing in it; the same again."""
    with world.on(NOVEMBER):
        claude = cast.browser(cast.clerk())
        look(claude, RELAYS)
        for kind, row in (("relais", RELAY), ("mandats", MANDATE)):
            look(claude, f"{RELAYS}{kind}/")
            look(claude, f"{RELAYS}{kind}/", {}, status=422)
            look(claude, f"{RELAYS}{kind}/", {"file": SimpleUploadedFile("relays.xlsx", b"PK\x03\x04")}, status=422)
            preview = chosen(
                claude, f"{RELAYS}{kind}/", row, {**row, "relay_code": "R0002", "siret": "1", "valid_from": "1/2", "channel": LONG}
            )
            look(claude, preview)
            look(claude, preview, {"digest": "another"}, status=409)
            taken(claude, preview)
            look(claude, preview)
        later = {**RELAY, "city": "Rezé", "legal_name": LONG, "email_opt_in_on": "2026-11-01"}
        look(claude, chosen(claude, f"{RELAYS}relais/", later))
        look(claude, chosen(claude, f"{RELAYS}relais/", *({**RELAY, "relay_code": f"B{n}", "siret": "1"} for n in range(60))))


def files_of_billing(look: Look) -> None:
    """The same of what is billed, and of payments."""
    with world.on(NOVEMBER):
        camille = cast.browser(cast.manager())
        look(camille, BILLING)
        Relay.objects.create(code="R0001")
        for kind, row in (("tarifs", TARIFF), ("activite", ACTIVITY), ("ajustements", ADJUSTMENT)):
            look(camille, f"{BILLING}{kind}/")
            look(camille, chosen(camille, f"{BILLING}{kind}/", {**row, "relay_code": "R9", "label": LONG, "valid_from": "1/2"}))
            preview = chosen(camille, f"{BILLING}{kind}/", row)
            look(camille, preview)
            taken(camille, preview)
        look(camille, chosen(camille, f"{BILLING}tarifs/", {**TARIFF, "unit_price": "0.4"}))


def payments(look: Look) -> None:
    """One that fits, one that is too much; then the relay reads it."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        camille = cast.browser(cast.manager())
        row = {"relay_code": "R0001", "number": invoice.number, "paid_on": "2026-11-09", "amount": "1.00"}
        look(camille, f"{BILLING}paiements/")
        preview = chosen(camille, f"{BILLING}paiements/", row, {**row, "paid_on": "2026-11-10", "amount": "1000000"})
        look(camille, preview)
        taken(camille, chosen(camille, f"{BILLING}paiements/", row))
        alice = cast.browser(cast.owner(invoice.relay))
        for path in ("/", "/factures/", f"/factures/{invoice.number}/"):
            look(alice, path)


def chosen(browser: Client, address: str, *rows: Row) -> str:
    """Choose a file with these rows; the address of its preview."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(column for row in rows for column in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    answer: Any = browser.post(address, {"file": SimpleUploadedFile(f"{'tres-' * 9}long.csv", text.getvalue().encode())})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def taken(browser: Client, preview: str) -> None:
    """Import just what was seen."""
    digest = browser.get(preview).content.decode().split('name="digest" value="')[1].split('"')[0]
    assert browser.post(preview, {"digest": digest}).status_code == 302


SCENES = [
    mandates_to_approve,
    the_document_of_a_mandate,
    who_acts_for_a_relay,
    the_words_of_a_mandate,
    members_of_staff,
    files_of_relays,
    files_of_billing,
    payments,
]
