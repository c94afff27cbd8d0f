"""`deliver` by a real mail server that is down, or that lets it wait when it is killed: nothing is sent twice blindly."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tests.faults.scene import CAMILLE, MONTH, Scene
from tests.invoices.archived import MailServer, mail_server

DELIVER = ("deliver", MONTH)
HANDING_OVER = """
SELECT i.number, d.message_id FROM invoices_delivery d JOIN invoices_invoice i ON i.id = d.invoice_id WHERE d.state = 'handing_over'
"""
DECIDE = """
from invoices.delivery.unanswered import was_sent, send_again
from invoices.models import Delivery
from relays.models import Person
{deed}(delivery_id=Delivery.objects.get(state="handing_over").pk, by=Person.objects.get(email="{by}"))
"""


@contextmanager
def serving(scene: Scene) -> Iterator[MailServer]:
    """A mail server that the scene's commands use."""
    names = SimpleNamespace()
    with mail_server(names) as server:
        scene.environment |= {"SMTP_HOST": names.SMTP_HOST, "SMTP_PORT": str(names.SMTP_PORT), "SMTP_SECURITY": "none"}
        yield server


@pytest.fixture
def scene(scene_of: Callable[[Scene], Scene], issued: Scene) -> Scene:
    return scene_of(issued)


def addresses(scene: Scene) -> list[str]:
    return [address for (address,) in scene.rows("SELECT email FROM invoices_invoice WHERE channel = 'email' ORDER BY id")]


def decide(scene: Scene, deed: str) -> None:
    scene.done("shell", "--command", DECIDE.format(deed=deed, by=CAMILLE))


def assert_each_was_mailed_once(scene: Scene, server: MailServer) -> None:
    assert sorted(recipient for recipient, _ in server.taken) == sorted(addresses(scene))
    assert scene.count("invoices_due") == 0
    scene.done(*DELIVER)
    assert len(server.taken) == len(addresses(scene))


def test_a_server_that_is_down(scene: Scene) -> None:
    """One message; paper goes out all the same; the same command finishes later."""
    with serving(scene):
        pass
    ended = scene.run(*DELIVER)
    assert ended.status == 1
    assert len(ended.lines) == 1
    assert re.match(r"The mail server 127\.0\.0\.1:\d+ does not answer .* run the same command again", ended.lines[0])
    on_paper = scene.count("invoices_delivery", "state = 'sent' AND channel = 'paper'")
    assert scene.count("invoices_delivery") == on_paper == scene.count("invoices_invoice", "channel = 'paper'")
    with serving(scene) as server:
        scene.done(*DELIVER)
        assert_each_was_mailed_once(scene, server)


def test_refused_addresses_are_on_paper(scene: Scene) -> None:
    with serving(scene) as server:
        refused = addresses(scene)[:2]
        server.on_recipient = lambda recipient: "550 5.1.1 unknown" if recipient in refused else None
        printed = scene.done(*DELIVER)
    assert "Refused by the mail server, so on paper: 2." in printed
    assert scene.count("invoices_due") == 0
    assert (
        scene.count("invoices_delivery", "state = 'sent' AND channel = 'paper'") == scene.count("invoices_invoice", "channel = 'paper'") + 2
    )


@pytest.mark.parametrize(("deed", "copies"), [("was_sent", 1), ("send_again", 2)])
def test_killed_after_the_text_and_before_the_answer(scene: Scene, deed: str, copies: int) -> None:
    with serving(scene) as server:
        unlucky = addresses(scene)[0]
        server.on_text = lambda recipient: "wait" if recipient == unlucky else None
        first = scene.start(*DELIVER)
        for _ in first.runs():
            if server.waiting:
                break
        second = scene.run(*DELIVER)  # while the first one has it in hand: neither sent again nor called unanswered
        assert (second.status, "no answer" in second.err) == (1, False)
        assert "1 invoice of 2026-10 not delivered yet" in second.err
        first.kill()
        scene.wait_for_orphans()
        server.on_text = lambda _: None
        third = scene.run(*DELIVER)
        assert third.status == 1
        (said,) = third.lines
        ((number, message_id),) = scene.rows(HANDING_OVER)
        assert said.startswith(f"{number} to {unlucky}: handed over 20")
        assert f"as {message_id}, no answer came" in said
        assert "in the admin, under Deliveries" in said
        assert sorted(recipient for recipient, _ in server.taken) == sorted(addresses(scene))
        decide(scene, deed)
        scene.done(*DELIVER)
        assert scene.count("invoices_due") == 0
        mine = [text for recipient, text in server.taken if recipient == unlucky]
        assert len({re.search(rb"Message-ID: (\S+)", text)[1] for text in mine}) == len(mine) == copies  # type: ignore[index]
        assert len(server.taken) == len(addresses(scene)) - 1 + copies


def test_killed_between_claim_and_text(scene: Scene) -> None:
    """It cannot be known that nothing was sent, so a person decides here too."""
    with serving(scene) as server:
        server.on_recipient = lambda _: "wait"
        deliver = scene.start(*DELIVER)
        for _ in deliver.runs():
            if server.waiting:
                break
        deliver.kill()
        scene.wait_for_orphans()
        server.on_recipient = lambda _: None
        left = scene.count("invoices_delivery", "state = 'handing_over'")
        ended = scene.run(*DELIVER)
        assert (ended.status, len(ended.lines)) == (1, left)
        assert len(server.taken) == len(addresses(scene)) - left
        for line in ended.lines:
            assert "no answer came" in line


def test_ctrl_c_waits_for_the_answer(scene: Scene) -> None:
    with serving(scene) as server:
        server.on_text = lambda _: "wait"
        deliver = scene.start(*DELIVER)
        for _ in deliver.runs():
            if server.waiting:
                break
        deliver.interrupt()
        server.goes_on.set()
        ended = deliver.ended()
        assert ended.status == 130, ended.err
        assert scene.count("invoices_delivery", "state = 'handing_over'") == 0
        assert scene.count("invoices_delivery", "state = 'sent'") == len(server.taken) < len(addresses(scene))
        scene.done(*DELIVER)
        assert_each_was_mailed_once(scene, server)
