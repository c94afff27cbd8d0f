"""Pages for anyone: help, verifying a file, what is shown when something is wrong."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from invoices import choosing_key, production
from invoices.models import Document
from selfbilling import doors
from selfbilling.errors import Refused, Unavailable
from tests import cast, world
from tests.invoices import seals
from tests.journeys.looking import Look
from tests.journeys.scenes.portal import NOVEMBER, an_invoice, away

VERIFY = "/verifier/"


def a_file_to_verify(look: Look) -> None:
    """Each verdict; nothing, an empty file, one too large; too many."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        world.sealed_and_archived()
        ours = production.original(Document.objects.get())
        at = ours.index(b"stream") + 20
        again = production.sealed_bytes(invoice, key=choosing_key.seal_key(), at=dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC))
        others = production.sealed_bytes(invoice, key=seals.key_named("Réseau Relais SAS"), at=seals.NOW)
        changed = ours[:at] + bytes([ours[at] ^ 1]) + ours[at + 1 :]
        anyone = cast.browser()
        look(anyone, VERIFY)
        look(anyone, f"{VERIFY}?numero={invoice.number}")
        look(anyone, f"{VERIFY}?numero=R0009-2026-00001", given(ours))
        for data in (ours, changed, again, others, seals.plain_pdf(), b"no PDF"):
            look(anyone, VERIFY, given(data))
        look(anyone, VERIFY, {}, status=422)
        look(anyone, VERIFY, given(b""), status=422)
        look(anyone, VERIFY, given(bytes(11 * 2**20 + 1)), status=413)
        for _ in range(20):
            anyone.post(VERIFY, given(b"x"))
        look(anyone, VERIFY, given(b"x"), status=429)


def whoever_holds_the_paper(look: Look) -> None:
    """What the QR code opens: being sealed, authentic, not to be read now."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        page, anyone = f"/v/{invoice.token}/", cast.browser()
        look(anyone, page)
        world.sealed_and_archived()
        look(anyone, page)
        away(look, anyone, page)


def given(data: bytes) -> dict[str, Any]:
    """The form with that file."""
    return {"file": SimpleUploadedFile("facture.pdf", data)}


def what_is_wrong(look: Look) -> None:
    """Not there, not for you, not understood, too late, our own mistake; to a visitor and to somebody signed in."""
    anyone, alice = cast.browser(), cast.browser(cast.owner(world.relay()))
    look(anyone, "/aide/")
    look(alice, "/aide/")
    for browser in (anyone, alice):
        look(browser, "/nulle-part/", status=404)
    look(alice, "/bureau/support/", status=403)
    look(Client(enforce_csrf_checks=True), "/compte/login/", {"login": "x"}, status=403)
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    door = doors.DoorMiddleware(lambda _request: doors.failed(request))
    for error in (Refused("Le délai est passé."), Unavailable("Le coffre ne répond pas.")):
        answer = door.process_exception(request, error)
        assert answer is not None
        look.show(type(error).__name__, "/", answer)
    look.show("400", "/", doors.malformed(request))
    look.show("500", "/", doors.failed(request))


def in_english(look: Look) -> None:
    """The other language, by the button at the foot."""
    with world.on(NOVEMBER):
        invoice = an_invoice()
        alice = cast.browser(cast.owner(invoice.relay))
        alice.post("/langue/", {"language": "en"})
        for path in ("/", f"/factures/{invoice.number}/", "/aide/"):
            look(alice, path)


SCENES = [a_file_to_verify, whoever_holds_the_paper, what_is_wrong, in_english]
