"""E-mails to a real mail server, and everything that it may answer, or not."""

import email
import email.policy
import socket
import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from invoices import production
from invoices.delivery import due, paper
from invoices.delivery.mailing import mail
from invoices.delivery.outcome import outcome
from invoices.delivery.transports import MailUnavailable, Outcome
from invoices.delivery.transports.smtp import Smtp
from invoices.delivery.unanswered import unanswered
from invoices.models import Delivery, Document, Due, Invoice
from selfbilling.models import JournalEntry
from tests.invoices.archived import MailServer, mail_server, to_deliver
from tests.world import OCTOBER

pytestmark = pytest.mark.django_db
TEXT = b"Subject: x\r\n\r\n.a line\r\n..\r\n.\r\nlast"


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server(settings) as running:
        yield running


def ids(invoices: list[Invoice]) -> list[int]:
    return [invoice.pk for invoice in invoices]


def transport(server: MailServer, *, port: int | None = None, timeout: float = 10, answer_timeout: float = 10) -> Smtp:
    return Smtp(host="127.0.0.1", port=port or server.port, security="none", timeout=timeout, answer_timeout=answer_timeout)


def test_many_messages_over_one_connection(server: MailServer) -> None:
    invoices = to_deliver(email=3)
    assert mail(ids(invoices)) == 3
    assert [recipient for recipient, _ in server.taken] == [invoice.email for invoice in invoices]
    assert server.connections == 1
    assert not Due.objects.exists()
    found = email.message_from_bytes(server.taken[0][1], policy=email.policy.default)
    (attachment,) = found.iter_attachments()
    assert attachment.get_content() == production.original(Document.objects.get(invoice=invoices[0]))
    delivery = Delivery.objects.get(invoice=invoices[0])
    assert (delivery.state, delivery.transport, delivery.answer) == ("sent", "smtp", "250 OK queued as 4711")
    assert delivery.message_id == found["Message-ID"]


def test_lines_that_begin_with_a_dot_arrive_as_they_were(server: MailServer) -> None:
    answer = transport(server).hand_over(TEXT, message_id="<a@b>", sender="a@b.fr", recipient="c@d.fr")
    assert answer.outcome is Outcome.TAKEN
    assert server.taken == [("c@d.fr", TEXT + b"\r\n")]


def test_a_refused_recipient_gets_paper(server: MailServer) -> None:
    first, second = to_deliver(email=2)
    server.on_recipient = lambda recipient: "550 5.1.1 no such mailbox" if recipient == first.email else None
    assert mail([first.pk, second.pk]) == 1
    refused = Delivery.objects.get(invoice=first)
    assert (refused.state, refused.answer) == ("refused", "550 5.1.1 no such mailbox")
    assert JournalEntry.objects.filter(act="e-mail refused, goes on paper", subject=f"invoice:{first.number}").exists()
    assert [row.invoice for row in due.on_paper()] == [first]
    server.on_recipient = lambda _: None
    assert mail([first.pk]) == 0
    (batch,) = paper.claim(OCTOBER)
    assert Delivery.objects.get(batch=batch).invoice == first


def test_a_message_refused_for_good_after_its_text_gets_paper_too(server: MailServer) -> None:
    (invoice,) = to_deliver(email=1)
    server.on_text = lambda _: "552 5.3.4 message too big"
    assert mail([invoice.pk]) == 0
    assert Delivery.objects.get().state == Delivery.State.REFUSED


@pytest.mark.parametrize("when", ["on_recipient", "on_text"])
def test_not_now_is_put_off_and_stops_no_other(server: MailServer, when: str) -> None:
    first, second = to_deliver(email=2)
    setattr(server, when, lambda recipient: "451 4.7.1 greylisted" if recipient == first.email else None)
    assert mail([first.pk, second.pk]) == 1
    assert not Delivery.objects.filter(invoice=first).exists()
    row = Due.objects.get()
    assert (row.invoice, row.attempts, row.last_error) == (first, 1, "451 4.7.1 greylisted")
    assert f"{first.number}: 451 4.7.1 greylisted" in outcome(OCTOBER).waiting[0]
    setattr(server, when, lambda _: None)
    assert mail([first.pk]) == 1
    assert len(server.taken) == 2


def test_a_server_that_is_down_takes_nothing(settings: Settings) -> None:
    (invoice,) = to_deliver(email=1)
    with mail_server(settings) as server:
        port = server.port
    with pytest.raises(MailUnavailable, match=rf"127\.0\.0\.1:{port} does not answer .*Connection refused.*run the same command again"):
        mail([invoice.pk])
    assert not Delivery.objects.exists()
    assert "does not answer" in Due.objects.get().last_error
    with mail_server(settings) as server:
        assert mail([invoice.pk]) == 1


def test_a_server_that_ends_its_service_takes_nothing(server: MailServer) -> None:
    (invoice,) = to_deliver(email=1)
    server.on_recipient = lambda _: "421 4.3.2 shutting down"
    with pytest.raises(MailUnavailable, match=r"takes no mail now .421 4\.3\.2 shutting down"):
        mail([invoice.pk])
    assert not Delivery.objects.exists()


def test_a_connection_that_had_enough_messages_is_made_again(server: MailServer) -> None:
    invoices = to_deliver(email=3)
    served: list[str] = []

    def ends_after_one(recipient: str) -> str | None:
        served.append(recipient)
        return "hang up" if len(served) == 2 else None

    server.on_recipient = ends_after_one
    assert mail(ids(invoices)) == 3
    assert sorted(recipient for recipient, _ in server.taken) == [invoice.email for invoice in invoices]
    assert server.connections == 2


def test_no_answer_after_the_text_is_never_sent_again_by_itself(server: MailServer) -> None:
    first, second = to_deliver(email=2)
    server.on_text = lambda recipient: "hang up" if recipient == first.email else None
    assert mail([first.pk, second.pk]) == 1
    server.on_text = lambda _: None
    assert mail([first.pk, second.pk]) == 0
    assert sorted(recipient for recipient, _ in server.taken) == [first.email, second.email]
    delivery = Delivery.objects.get(invoice=first)
    assert delivery.state == Delivery.State.HANDING_OVER
    assert unanswered(OCTOBER) == [delivery]
    assert outcome(OCTOBER).waiting == []
    assert not due.on_paper().exists()


def test_a_server_that_breaks_off_again_and_again_is_left_alone(server: MailServer) -> None:
    invoices = to_deliver(email=4)
    server.on_text = lambda _: "hang up"
    with pytest.raises(MailUnavailable, match="twice in a row"):
        mail(ids(invoices))
    assert len(server.taken) == 2
    assert len(unanswered(OCTOBER)) == 2


def test_an_answer_that_takes_too_long_is_none(server: MailServer) -> None:
    server.on_text = lambda _: "wait"
    impatient = transport(server, answer_timeout=0.2)
    answer = impatient.hand_over(TEXT, message_id="<a@b>", sender="a@b.fr", recipient="c@d.fr")
    assert answer.outcome is Outcome.UNANSWERED


def test_a_message_broken_off_in_the_midst_was_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_hangs_up_in_the_midst, args=[listening], daemon=True).start()
        smtp = Smtp(host="127.0.0.1", port=listening.getsockname()[1], security="none", timeout=10, answer_timeout=10)
        answer = smtp.hand_over(b"x" * 50_000_000, message_id="<a@b>", sender="a@b.fr", recipient="c@d.fr")
    assert answer.outcome is Outcome.LOST


def _hangs_up_in_the_midst(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb") as lines:
        for answer in (b"220 here", b"250 hello", b"250 sender", b"250 recipient", b"354 go on"):
            lines.write(answer + b"\r\n")
            lines.flush()
            if answer[:3] != b"354":
                lines.readline()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_without_tls_gets_no_mail_in_clear(server: MailServer, security: str) -> None:
    smtp = Smtp(host="127.0.0.1", port=server.port, security=security, timeout=10)
    with pytest.raises(MailUnavailable, match=f"does not agree on SMTP_SECURITY={security}"):
        smtp.hand_over(TEXT, message_id="<a@b>", sender="a@b.fr", recipient="c@d.fr")
    assert server.taken == []
