"""The desk: support's pages, and the billing manager's month from nothing to delivered."""

import datetime as dt
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from invoices import announcing, asking, choosing_key, holding
from invoices.delivery import starting
from invoices.models import Dispute, Draft, Due, Invoice, Work
from invoices.period import Period
from relays.models import Request
from tests import cast, world
from tests.invoices import handed_over
from tests.journeys.looking import Look
from tests.journeys.scenes.portal import LONG, NARROW, NOVEMBER, an_invoice

OCTOBER = Period.named("2026-10")
MONTH = "/bureau/mois/2026-10/"


def support_searches(look: Look) -> None:
    """Nothing waits; one box; a relay's story, and its journal."""
    with world.on(NOVEMBER):
        sacha = cast.browser(cast.support())
        for path in ("support/", "contestations/", "contestations/?etat=attente", "contestations/?etat=decidees", "demandes/"):
            look(sacha, f"/bureau/{path}")
        invoice = an_invoice()
        world.relay("R0002", shop=1, legal_name="Au Cœur des Halles")
        world.sealed_and_archived()
        handed_over.by_email(invoice, world.BILLED_ON)
        story = f"/bureau/relais/{invoice.relay.code}/"
        for path in ("/bureau/support/?q=halles", "/bureau/support/?q=nichts", story, f"{story}?journal"):
            look(sacha, path)
        look(cast.browser(cast.manager()), story)


def a_contest_at_the_desk(look: Look) -> None:
    """To answer, late, wrongly, asked, decided, decided by somebody else before."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        handed_over.by_email(invoice, world.BILLED_ON)
        alice, sacha = cast.browser(cast.owner(invoice.relay)), cast.browser(cast.support())
        alice.post(f"/factures/{invoice.number}/contester/", {"line": "1", "claimed_quantity": "9", "text": f"{LONG} " * 20})
        page = f"/bureau/contestations/{Dispute.objects.get().pk}/"
        for path in ("/bureau/support/", "/bureau/contestations/", page):
            look(sacha, path)
        look(sacha, page, {"text": "", "act": "refuse"}, status=422)
        with world.on(dt.date(2026, 11, 30)):
            late = cast.browser(cast.support())
            for path in ("/bureau/support/", "/bureau/contestations/", page):
                look(late, path)
        sacha.post(page, {"text": "Avez-vous le bordereau ?", "act": "ask"})
        look(sacha, "/bureau/contestations/?etat=attente")
        sacha.post(page, {"text": "Le bordereau dit 100.", "act": "refuse"})
        for path in (page, "/bureau/contestations/?etat=decidees", f"/bureau/relais/{invoice.relay.code}/?journal"):
            look(sacha, path)
        look(sacha, page, {"text": "Si.", "act": "grant"}, status=409)
    look.letters()


def what_relays_asked(look: Look) -> None:
    """A claim and a change: to answer, wrongly, answered."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        handed_over.by_email(invoice, world.BILLED_ON)
        alice, sacha = cast.browser(cast.owner(invoice.relay)), cast.browser(cast.support())
        asked = f"/relais/{invoice.relay.code}/demandes/"
        alice.post(f"{asked}facture-non-recue/", {"number": invoice.number, "text": "Rien reçu."})
        alice.post(f"{asked}coordonnees/", {"what": ["iban"], "since": "2026-12-01", "text": f"{LONG} " * 10})
        look(sacha, "/bureau/demandes/")
        for request in Request.objects.order_by("pk"):
            page = f"/bureau/demandes/{request.pk}/"
            look(sacha, page)
            look(sacha, page, {}, status=422)
            assert sacha.post(page, {"text": "C’est fait.", "again": "no"}).status_code == 302
            look(sacha, page)
            look(sacha, page, {"text": "Encore."}, status=409)
        look(sacha, "/bureau/demandes/?repondues")
        look(alice, asked)
    look.letters()


def deliveries_that_went_wrong(look: Look) -> None:
    """Sent again; came back."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        sacha = cast.browser(cast.support())
        again = f"/bureau/factures/{invoice.number}/renvoyer/"
        look(sacha, again)
        look(sacha, again, {"channel": "email"}, status=409)
        world.sealed_and_archived()
        sent = handed_over.by_email(invoice, world.BILLED_ON)
        look(sacha, again)
        bounce = f"/bureau/livraisons/{sent.pk}/retour/"
        look(sacha, bounce)
        look(sacha, bounce, {}, status=422)
        sacha.post(bounce, {"reason": "550 5.1.1 user unknown"})
        look(sacha, bounce, {"reason": "again"}, status=409)
        look(sacha, f"/bureau/relais/{invoice.relay.code}/")


def a_month_from_nothing_to_approved(look: Look) -> None:
    """Empty, to bill, being billed, drafted with held and odd ones, confirmed, approved; refusals."""
    camille, dominique = cast.browser(cast.manager()), cast.browser(cast.other_manager())
    with world.on(world.BILLED_ON):
        look(camille, MONTH)
        look(camille, "/bureau/mois/2026-11/")
        look(camille, f"{MONTH}en-cours/")
        a_month_s_relays()
        look(camille, MONTH)
        look(camille, f"{MONTH}bill/")
        work = asking.ask(OCTOBER, act=Work.Act.BILL, by=cast.manager())
        look(camille, f"{MONTH}en-cours/")
        look(camille, f"{MONTH}bill/", {}, status=409)
        Work.objects.filter(pk=work.pk).update(started_at=timezone.now() - dt.timedelta(minutes=1), done=1234, total=15000)
        look(camille, f"{MONTH}en-cours/")
        look(camille, MONTH)
        asking.carry_out(work.pk)
        for path in ("", "en-cours/"):
            look(camille, f"{MONTH}{path}")
        for path in ("", "approuver/"):
            look(dominique, f"{MONTH}{path}")
        look(camille, f"{MONTH}approuver/", {}, status=409)
        look(camille, f"{MONTH}retenir/", {"relay": "R0001", "why": " "}, status=409)
        dominique.post(f"{MONTH}approuver/")
        for path in ("", "issue/"):
            look(camille, f"{MONTH}{path}")


def a_month_s_relays() -> None:
    """One as usual, one without a mandate, one that a person holds, one whose draft is odd."""
    world.tariff()
    world.did(world.relay(**NARROW), 123456)
    world.did(world.relay("R0002", shop=1, mandate=None), 100)
    held = world.relay("R0003", shop=2)
    world.did(held, 100)
    world.did(world.relay("R0004", shop=3, regime="franchise", siret="67262688449921"), 1)
    odd = world.relay("R0005", shop=4)
    world.did(odd, 9_000_000)
    world.adjusted(odd, "-9999.99")
    holding.hold(relay=held, month=OCTOBER.first, why=LONG, by=cast.manager())


def a_month_from_issued_to_delivered(look: Look) -> None:
    """Being sealed, with what hinders; to deliver; being mailed; delivered."""
    camille = cast.browser(cast.manager())
    a_month_s_relays()
    world.billed_approved_and_issued()
    with world.on(world.BILLED_ON):
        live = f"{MONTH}en-cours/"
        for path in (MONTH, live):
            look(camille, path)
        Due.objects.update(
            attempts=3, not_before=timezone.now() + dt.timedelta(hours=1), last_error="Le coffre ne répond pas : réessayez plus tard."
        )
        for path in (MONTH, live):
            look(camille, path)
        Due.objects.update(attempts=0, not_before=None, last_error="")
        world.sealed_and_archived()
        for path in (MONTH, f"{MONTH}deliver/", live):
            look(camille, path)
        starting.start(world.OCTOBER)
        look(camille, live)
        for invoice in Invoice.objects.all():
            handed_over.by_email(invoice, world.BILLED_ON)
        for path in (MONTH, live, "/bureau/mois/2026-11/"):
            look(camille, path)
        work = Work.objects.create(period=OCTOBER.first, act=Work.Act.BILL, asked_by=cast.manager(), error="Il n’y a rien à facturer.")
        Work.objects.filter(pk=work.pk).update(ended_at=timezone.now())
        for path in (MONTH, live):
            look(camille, path)


def a_draft_that_no_page_can_show(look: Look) -> None:
    """Whose relay has no mandate any more."""
    with world.on(world.BILLED_ON):
        a_month_s_relays()
        world.bill()
        draft = Draft.objects.get(relay__code="R0001")
        draft.relay.mandates.update(valid_to=OCTOBER.last)
        look(cast.browser(cast.manager()), f"/bureau/mois/projet/{draft.pk}.pdf", status=409)


def a_seal_that_ends_soon(look: Look) -> None:
    """Said to billing, by letter and on the month's page; then that it has ended."""
    (certificate, *_) = choosing_key.seal_key().chain
    for days in (20, -1):
        with world.on((certificate.not_valid_after_utc - dt.timedelta(days=days)).date()):
            camille = cast.browser(cast.manager())
            announcing.announce_ends()
            look(camille, MONTH)
    look.letters()


def the_operator_s_paper(look: Look) -> None:
    """None yet; with mistakes; with a logo."""
    camille, page = cast.browser(cast.manager()), "/bureau/papier/"
    look(camille, page)
    look(camille, page, {"colour": "red", "slogan": LONG * 2}, status=422)
    logo = SimpleUploadedFile("logo.png", photo())
    assert camille.post(page, {"slogan": LONG, "footer": LONG, "logo": logo, "keep": "1"}).status_code == 302
    look(camille, page)


def photo() -> bytes:
    """A sheet of paper, photographed."""
    out = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(out, "PNG")
    return out.getvalue()


SCENES = [
    support_searches,
    a_contest_at_the_desk,
    what_relays_asked,
    deliveries_that_went_wrong,
    a_month_from_nothing_to_approved,
    a_month_from_issued_to_delivered,
    a_draft_that_no_page_can_show,
    a_seal_that_ends_soon,
    the_operator_s_paper,
]
