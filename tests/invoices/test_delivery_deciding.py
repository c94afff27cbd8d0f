"""A person decides on an e-mail whose answer never came."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from invoices.delivery.mailing import mail
from invoices.delivery.unanswered import NothingToDecide, send_again, unanswered, was_sent
from invoices.models import Delivery, Due, Invoice
from relays import people
from relays.models import Person
from selfbilling.models import JournalEntry
from tests.invoices.archived import MailServer, mail_server, to_deliver
from tests.world import OCTOBER, camille

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    settings.ALLOW_DEMO = True
    with mail_server(settings) as running:
        yield running


@pytest.fixture
def left(server: MailServer) -> Delivery:
    """A delivery without an answer; the mail server answers again."""
    (invoice,) = to_deliver(email=1)
    server.on_text = lambda _: "hang up"
    mail([invoice.pk])
    server.on_text = lambda _: None
    return Delivery.objects.get()


def client_of(person: Person) -> Client:
    person.is_demo = True  # a login without a second factor
    person.save()
    client = Client()
    client.force_login(person)
    return client


def choose(client: Client, action: str, delivery: Delivery) -> str:
    chosen = {"action": action, "_selected_action": [delivery.pk]}
    return client.post(reverse("admin:invoices_delivery_changelist"), chosen, follow=True).content.decode()


def test_it_was_sent(left: Delivery) -> None:
    was_sent(delivery_id=left.pk, by=camille())
    left.refresh_from_db()
    assert (left.state, left.sent_at) == ("sent", left.claimed_at)
    assert not Due.objects.exists()
    assert unanswered(OCTOBER) == []
    assert JournalEntry.objects.get(act="unanswered e-mail found sent").by == camille()


def test_it_is_to_be_sent_again(left: Delivery, server: MailServer) -> None:
    invoice = Invoice.objects.get()
    send_again(delivery_id=left.pk, by=camille())
    assert mail([invoice.pk]) == 1
    states = Delivery.objects.order_by("attempt").values_list("attempt", "state", "message_id")
    assert list(states) == [
        (1, "given_up", f"<{invoice.number}.1@localhost>"),
        (2, "sent", f"<{invoice.number}.2@localhost>"),
    ]
    assert JournalEntry.objects.get(act="unanswered e-mail to send again").by == camille()


@pytest.mark.parametrize("decide", [was_sent, send_again])
def test_it_is_decided_once(left: Delivery, decide: Callable[..., None]) -> None:
    was_sent(delivery_id=left.pk, by=camille())
    with pytest.raises(NothingToDecide, match="nothing to decide"):
        decide(delivery_id=left.pk, by=camille())


@pytest.mark.parametrize("decide", [was_sent, send_again])
def test_what_a_process_has_in_hand_is_not_decided(left: Delivery, decide: Callable[..., None]) -> None:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [0x5E1F, left.invoice_id])
        assert unanswered(OCTOBER) == []
        with pytest.raises(NothingToDecide, match="right now"):
            decide(delivery_id=left.pk, by=camille())
        other.execute("SELECT pg_advisory_unlock_all()")  # a closed connection lets go only when its server process ends
        assert unanswered(OCTOBER) == [left]


def test_who_only_looks_is_in_nobodys_way(left: Delivery) -> None:
    hindered: list[str] = []

    def meanwhile(execute: Callable[..., object], sql: str, *rest: object) -> object:
        done = execute(sql, *rest)
        (free,) = other.execute("SELECT pg_try_advisory_lock(%s, %s)", [0x5E1F, left.invoice_id]).fetchone() or (False,)
        other.execute("SELECT pg_advisory_unlock_all()")
        hindered.extend([] if free else [sql])
        return done

    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other, connection.execute_wrapper(meanwhile):
        assert unanswered(OCTOBER) == [left]
    assert hindered == []


@pytest.mark.parametrize("group", ["billing", "support"])
def test_billing_and_support_decide_in_the_admin(left: Delivery, group: str) -> None:
    person = people.create_staff(email="staff@example.org", group=group)
    assert "compte comme envoyée" in choose(client_of(person), "was_sent", left)
    assert JournalEntry.objects.get(act="unanswered e-mail found sent").by == person
    assert "nothing to decide" in choose(client_of(person), "send_again", left)


def test_clerks_do_not(left: Delivery) -> None:
    clerk = people.create_staff(email="clerk@example.org", group="clerks")
    assert client_of(clerk).get(reverse("admin:invoices_delivery_changelist")).status_code == 403
    choose(client_of(clerk), "was_sent", left)
    left.refresh_from_db()
    assert left.state == Delivery.State.HANDING_OVER


def test_nobody_edits_a_delivery(left: Delivery) -> None:
    boss = Person.objects.create_superuser("boss@example.org", "x")
    change = reverse("admin:invoices_delivery_change", args=[left.pk])
    assert client_of(boss).post(change, {"state": "sent"}).status_code == 403
    assert "compte comme envoyée" in choose(client_of(boss), "was_sent", left)
