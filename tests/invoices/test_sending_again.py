"""The same sealed file once more, moved to paper, or put there since its e-mail came back: to real files and batches."""

import datetime as dt
import html
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from invoices.delivery import bouncing, due, mailing, paper, sending_again, starting
from invoices.delivery.bouncing import NothingCameBack, undelivered
from invoices.delivery.outcome import outcome
from invoices.delivery.sending_again import EmailIsTheirs, InHand, NotReady, OnItsWay
from invoices.disputes import delay
from invoices.models import Delivery, Due, Invoice
from relays import opting_in
from relays.models import Identity, Person, Relay, Role
from relays.opting_in import Seen
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.invoices.archived import archived, mail_server, to_deliver
from tests.world import OCTOBER

pytestmark = pytest.mark.django_db
THIN = "\u202f"
UNKNOWN = "550 5.1.1 user unknown"


@pytest.fixture(autouse=True)
def tenth_of_november(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MAIL_DIR, settings.PAPER_DIR = tmp_path / "mail", tmp_path / "paper"
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def sacha(db: None) -> Person:
    return cast.support()


def one(*, email: int = 0, paper: int = 0) -> Invoice:
    """One invoice that waits to be delivered."""
    return to_deliver(email=email, paper=paper)[0]


def e_mailed() -> Invoice:
    invoice = one(email=1)
    assert mailing.mail([invoice.pk]) == 1
    return invoice


def posted() -> list[str]:
    """Write what goes on paper now; returns the numbers."""
    before = set(Delivery.objects.filter(channel="paper", state="sent").values_list("pk", flat=True))
    for batch in paper.claim(OCTOBER):
        paper.write(batch)
    return list(Delivery.objects.filter(channel="paper", state="sent").exclude(pk__in=before).values_list("invoice__number", flat=True))


def channels(invoice: Invoice) -> list[tuple[str, int, str]]:
    return list(invoice.deliveries.order_by("pk").values_list("channel", "attempt", "state"))


def attachments(folder: Path) -> list[bytes]:
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(folder.glob("*.eml"))]
    return [next(message.iter_attachments()).get_content() for message in messages]


# An e-mail that came back.


def test_what_came_back_goes_into_the_next_paper_batch_and_the_delay_counts_from_there(sacha: Person) -> None:
    invoice = e_mailed()
    with world.on(dt.date(2026, 11, 14)):
        bouncing.bounce(delivery_id=invoice.deliveries.get().pk, by=sacha, reason=f" {UNKNOWN} ")
        assert (invoice.deliveries.get().state, invoice.deliveries.get().answer) == (Delivery.State.REFUSED, UNKNOWN)
        assert mailing.mail([invoice.pk]) == 0
        assert posted() == [invoice.number]
    assert channels(invoice) == [("email", 1, "refused"), ("paper", 1, "sent")]
    assert not Due.objects.exists()
    assert delay.contestable_until(invoice) == dt.date(2026, 12, 14)
    entry = JournalEntry.objects.get(act="e-mail came back, goes on paper")
    assert (entry.by, entry.detail["before"]["state"], entry.detail["after"]) == (sacha, "sent", {"state": "refused", "answer": UNKNOWN})


def test_what_went_on_paper_since_is_not_posted_twice(sacha: Person) -> None:
    invoice = e_mailed()
    sending_again.on_paper(invoice_id=invoice.pk, by=sacha)
    posted()
    bouncing.bounce(delivery_id=invoice.deliveries.get(channel="email").pk, by=sacha, reason=UNKNOWN)
    assert not Due.objects.exists()


def test_an_e_mail_comes_back_once_and_a_letter_never(sacha: Person) -> None:
    invoice = e_mailed()
    delivery = invoice.deliveries.get()
    bouncing.bounce(delivery_id=delivery.pk, by=sacha, reason=UNKNOWN)
    posted()
    for each in invoice.deliveries.all():
        with pytest.raises(NothingCameBack):
            bouncing.bounce(delivery_id=each.pk, by=sacha, reason=UNKNOWN)


def test_the_shop_is_told_until_an_e_mail_arrives_or_its_address_changes(sacha: Person) -> None:
    invoice = e_mailed()
    shops = Relay.objects.filter(pk=invoice.relay_id)
    assert undelivered(shops) == []
    bouncing.bounce(delivery_id=invoice.deliveries.get().pk, by=sacha, reason=UNKNOWN)
    assert [delivery.address for delivery in undelivered(shops)] == ["r0000@example.org"]
    with world.on(dt.date(2027, 2, 1)):
        assert undelivered(shops) == []
    Identity.objects.create(relay=invoice.relay, valid_from=dt.date(2026, 11, 10), email="etoile@example.org")
    assert undelivered(shops) == []


# Again.


def test_the_same_file_goes_again_by_e_mail_under_another_message_id(sacha: Person, settings: Any) -> None:
    invoice = e_mailed()
    sending_again.by_email(invoice_id=invoice.pk, by=sacha)
    assert mailing.mail([invoice.pk]) == 1
    assert channels(invoice) == [("email", 1, "sent"), ("email", 2, "sent")]
    first, second = attachments(settings.MAIL_DIR)
    assert first == second
    assert invoice.deliveries.values("message_id").distinct().count() == 2
    assert not Due.objects.exists()
    assert JournalEntry.objects.get(act="to be sent again").by == sacha


def test_an_address_that_works_again_may_get_it_by_e_mail_after_all(sacha: Person) -> None:
    invoice = e_mailed()
    bouncing.bounce(delivery_id=invoice.deliveries.get().pk, by=sacha, reason="552 mailbox full")
    posted()
    sending_again.by_email(invoice_id=invoice.pk, by=sacha)
    assert posted() == []
    assert mailing.mail([invoice.pk]) == 1
    assert channels(invoice)[-1] == ("email", 2, "sent")


def test_refused_again_by_the_mail_server_it_goes_on_paper_and_not_round_in_circles(sacha: Person, settings: Any) -> None:
    invoice = e_mailed()
    sending_again.by_email(invoice_id=invoice.pk, by=sacha)
    with mail_server(settings) as server:
        server.on_recipient = lambda _recipient: UNKNOWN
        assert mailing.mail([invoice.pk]) == 0
        assert not due.by_email().exists()
    assert posted() == [invoice.number]
    assert channels(invoice) == [("email", 1, "sent"), ("email", 2, "refused"), ("paper", 1, "sent")]


def test_a_letter_is_posted_again_in_another_batch(sacha: Person) -> None:
    invoice = one(paper=1)
    assert posted() == [invoice.number]
    sending_again.on_paper(invoice_id=invoice.pk, by=sacha)
    assert posted() == [invoice.number]
    assert channels(invoice) == [("paper", 1, "sent"), ("paper", 2, "sent")]


def test_what_waits_for_its_e_mail_is_moved_to_paper(sacha: Person) -> None:
    invoice = one(email=1)
    sending_again.on_paper(invoice_id=invoice.pk, by=sacha)
    assert mailing.mail([invoice.pk]) == 0
    assert posted() == [invoice.number]
    entry = JournalEntry.objects.get(act="moved to paper")
    assert (entry.detail["before"], entry.detail["after"]) == ({"channel": "email"}, {"channel": "paper"})


def test_e_mail_is_the_relay_s_own_choice(sacha: Person) -> None:
    on_paper = one(paper=1)
    posted()
    with pytest.raises(EmailIsTheirs):
        sending_again.by_email(invoice_id=on_paper.pk, by=sacha)
    assert not Due.objects.exists()


def test_after_its_withdrawal_no_e_mail_goes_any_more(sacha: Person) -> None:
    invoice = e_mailed()
    opting_in.choose_paper(relay_id=invoice.relay_id, by=cast.owner(invoice.relay), seen=Seen(address="127.0.0.1", user_agent=""))
    with pytest.raises(EmailIsTheirs):
        sending_again.by_email(invoice_id=invoice.pk, by=sacha)


@pytest.mark.parametrize("send", [sending_again.by_email, sending_again.on_paper])
def test_what_already_waits_is_not_asked_for_twice(sacha: Person, send: Callable[..., None]) -> None:
    invoice = e_mailed()
    send(invoice_id=invoice.pk, by=sacha)
    with pytest.raises(OnItsWay):
        send(invoice_id=invoice.pk, by=sacha)
    assert Due.objects.count() == 1


def test_what_is_not_archived_yet_or_in_the_midst_of_it_waits(sacha: Person, invoice: Invoice) -> None:
    with pytest.raises(NotReady):
        sending_again.on_paper(invoice_id=invoice.pk, by=sacha)
    world.sealed_and_archived()
    starting.start(OCTOBER)
    Delivery.objects.create(invoice=invoice, channel="email", transport="smtp", address="a@example.org", message_id="<1@example.org>")
    for send in (sending_again.on_paper, sending_again.by_email):
        with pytest.raises(InHand):
            send(invoice_id=invoice.pk, by=sacha)


def test_moved_to_paper_while_its_e_mail_was_being_made_it_is_not_mailed(sacha: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim looks again: what it decided on may be seconds old."""
    invoice = one(email=1)
    planned = mailing._planned(invoice, mailing.open_transport())
    Due.objects.update(channel="paper")
    assert mailing._claim(planned) is False
    assert not invoice.deliveries.exists()


def test_nothing_leaves_before_a_person_started_the_delivery(sacha: Person) -> None:
    (invoice,) = archived(email=1)
    sending_again.on_paper(invoice_id=invoice.pk, by=sacha)
    assert posted() == []


# The pages.


@pytest.fixture
def desk(sacha: Person) -> Client:
    return cast.browser(sacha)


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_support_enters_what_came_back_and_the_shop_reads_why_on_its_first_page(desk: Client) -> None:
    invoice = e_mailed()
    owner = cast.browser(cast.owner(invoice.relay))
    url = f"/bureau/livraisons/{invoice.deliveries.get().pk}/retour/"
    assert "r0000@example.org" in text(desk.get(url))
    silent = desk.post(url, {"reason": ""})
    assert silent.status_code == 422
    assert text(silent).count("Recopiez ce que dit le message revenu.") == 2
    assert desk.post(url, {"reason": UNKNOWN})["Location"] == f"/bureau/relais/{invoice.relay.code}/"
    story = text(desk.get(f"/bureau/relais/{invoice.relay.code}/"))
    assert f"{invoice.number} envoyée à r0000@example.org{THIN}: l’e-mail est revenu" in story
    assert UNKNOWN in story
    home = text(owner.get("/"))
    assert f"à r0000@example.org n’a pas été distribué{THIN}: la facture {invoice.number} arrive par courrier." in home
    assert desk.post(url, {"reason": UNKNOWN}).status_code == 409


def test_owners_at_another_address_get_a_letter_about_it(desk: Client) -> None:
    invoice = e_mailed()
    cast.owner(invoice.relay)  # alice@example.org
    cast.acts_for(cast.person("R0000@example.org"), invoice.relay, role=Role.OWNER)  # the address that does not work
    cast.employee(invoice.relay)
    desk.post(f"/bureau/livraisons/{invoice.deliveries.get().pk}/retour/", {"reason": UNKNOWN})
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert "arrive par courrier" in letter.subject
    assert f"/factures/{invoice.number}/" in letter.body


def test_support_sends_again_by_either_way(desk: Client) -> None:
    invoice = e_mailed()
    url = f"/bureau/factures/{invoice.number}/renvoyer/"
    page = text(desk.get(url))
    assert "Envoyer par e-mail à r0000@example.org" in page
    assert "Mettre dans le prochain lot de courrier" in page
    assert desk.post(url, {"channel": "email"}).status_code == 302
    again = desk.post(url, {"channel": "email"})
    assert again.status_code == 409
    assert "attend déjà de partir" in text(again)
    assert desk.post(url, {"channel": "paper"}).status_code == 302
    assert Due.objects.get().channel == "paper"


def test_a_relay_on_paper_is_offered_paper_alone(desk: Client) -> None:
    invoice = one(paper=1)
    posted()
    url = f"/bureau/factures/{invoice.number}/renvoyer/"
    assert "Envoyer par e-mail" not in text(desk.get(url))
    assert desk.post(url, {"channel": "email"}).status_code == 409


def test_only_support_enters_and_sends(manager: Client, clerk: Client) -> None:
    invoice = e_mailed()
    for browser in (manager, clerk, cast.browser(cast.owner(invoice.relay))):
        assert browser.post(f"/bureau/livraisons/{invoice.deliveries.get().pk}/retour/", {"reason": "x"}).status_code == 403
        assert browser.post(f"/bureau/factures/{invoice.number}/renvoyer/", {"channel": "paper"}).status_code == 403
    assert not Due.objects.exists()


def test_what_was_sent_twice_counts_once(sacha: Person) -> None:
    invoice = e_mailed()
    sending_again.by_email(invoice_id=invoice.pk, by=sacha)
    mailing.mail([invoice.pk])
    assert (outcome(OCTOBER).emailed, outcome(OCTOBER).waiting) == (1, [])
