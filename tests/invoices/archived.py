"""Archived invoices of October 2026 that wait to be delivered, and a mail server that does what a test says."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from invoices import production
from invoices.delivery import starting
from invoices.models import Invoice
from tests import world

POSTCODES = ("44000", "06000", "29200", "13001", "75011")


def archived(*, email: int = 0, paper: int = 0, **who: Any) -> list[Invoice]:
    """So many invoices by e-mail, then so many on paper; their run is not being delivered yet."""
    world.tariff()
    for shop in range(email + paper):
        made = world.relay(f"R{shop:04d}", shop=shop, opted_in=shop < email, **{"postcode": POSTCODES[shop], **who})
        world.did(made, 100 + shop)
    world.billed_approved_and_issued()
    invoices = list(Invoice.objects.order_by("relay__code"))
    ids = [invoice.pk for invoice in invoices]
    production.produce(ids)
    production.shelve(ids)
    return invoices


def to_deliver(*, email: int = 0, paper: int = 0, **who: Any) -> list[Invoice]:
    """The same, and a person has said that they may be delivered."""
    invoices = archived(email=email, paper=paper, **who)
    starting.start(world.OCTOBER)
    return invoices


@dataclass
class MailServer:
    """A mail server's answers by recipient, "hang up" and "wait" (until it goes on) among them; None: it takes the message.

    taken: what it took, whatever it answered. waiting: whom it lets wait.
    """

    port: int
    on_recipient: Callable[[str], str | None] = lambda _recipient: None
    on_text: Callable[[str], str | None] = lambda _recipient: None
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    goes_on: threading.Event = field(default_factory=threading.Event)
    connections: int = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.on_recipient(address)
        if answer == "hang up":
            _hang_up(server)
        elif answer == "wait":
            self.waiting.append(address)
            await asyncio.to_thread(self.goes_on.wait)
        elif answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        recipient, text = envelope.rcpt_tos[0], envelope.original_content or b""
        answer = self.on_text(recipient)
        if answer is None or answer in {"hang up", "wait"}:
            self.taken.append((recipient, text))
        if answer == "hang up":
            _hang_up(server)
        if answer == "wait":
            self.waiting.append(recipient)
            await asyncio.to_thread(self.goes_on.wait)
        return "250 OK queued as 4711" if answer in {None, "hang up", "wait"} else str(answer)


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@contextmanager
def mail_server(settings: Any, **options: Any) -> Iterator[MailServer]:
    """A real SMTP server in a thread of its own, which the settings name. options: aiosmtpd's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = MailServer(port)
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", port, "none"
    try:
        yield handler
    finally:
        handler.goes_on.set()
        controller.stop(no_assert=True)
