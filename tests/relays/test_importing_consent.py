"""email_opt_in_on: a consent that the operator took over, and what never undoes the relay's own word."""

import datetime as dt
from pathlib import Path

import pytest

from relays.importing import relays
from relays.models import OptIn, Relay
from tests.operators_files import RELAY, Inbox
from tests.world import on

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 5)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path, relays.judge, RELAY)


def say(inbox: Inbox, given_on: str) -> str:
    with on(TODAY):
        return inbox.take({"email_opt_in_on": given_on})


def consents() -> list[tuple[str, str | None]]:
    return [(str(o.given_on), str(o.withdrawn_on) if o.withdrawn_on else None) for o in OptIn.objects.order_by("pk")]


def test_it_is_recorded_as_taken_over_with_file_and_line(inbox: Inbox) -> None:
    say(inbox, "2026-03-01")
    opt_in = OptIn.objects.get()
    assert (str(opt_in.given_on), opt_in.withdrawn_on, opt_in.source) == ("2026-03-01", None, OptIn.Source.TAKEN_OVER)
    assert opt_in.evidence == {"file": "file.csv", "line": 2}


def test_without_an_address_it_is_a_bad_row(inbox: Inbox) -> None:
    (said,) = inbox.refused({"email": "", "email_opt_in_on": "2026-03-01"})
    assert said.startswith("line 2: email_opt_in_on “2026-03-01” has no e-mail address beside it")


def test_emptied_it_is_withdrawn_and_the_old_date_does_not_bring_it_back(inbox: Inbox) -> None:
    say(inbox, "2026-03-01")
    assert say(inbox, "") == "0 new, 1 changed, 0 there already, 0 bad"
    for old in ("2026-03-01", "2026-11-05"):
        assert say(inbox, old) == "0 new, 0 changed, 1 there already, 0 bad"
    assert consents() == [("2026-03-01", "2026-11-05")]
    say(inbox, "2026-11-06")
    assert consents() == [("2026-03-01", "2026-11-05"), ("2026-11-06", None)]


def test_another_date_ends_the_one_and_begins_the_other(inbox: Inbox) -> None:
    say(inbox, "2026-03-01")
    say(inbox, "2026-02-01")
    assert consents() == [("2026-03-01", "2026-11-05"), ("2026-02-01", None)]
    assert say(inbox, "2026-02-01") == "0 new, 0 changed, 1 there already, 0 bad"


@pytest.mark.parametrize("given_on", ["", "2026-03-01"])
def test_what_the_relay_gave_itself_stays(inbox: Inbox, given_on: str) -> None:
    say(inbox, "")
    OptIn.objects.create(relay=Relay.objects.get(), given_on=dt.date(2026, 6, 1), source=OptIn.Source.PORTAL)
    say(inbox, given_on)
    assert consents() == [("2026-06-01", None)]


def test_what_the_relay_withdrew_itself_stays_withdrawn(inbox: Inbox) -> None:
    say(inbox, "")
    relay, june = Relay.objects.get(), dt.date(2026, 6, 1)
    OptIn.objects.create(relay=relay, given_on=june, withdrawn_on=dt.date(2026, 7, 1), source=OptIn.Source.PORTAL)
    say(inbox, "2026-07-01")
    assert consents() == [("2026-06-01", "2026-07-01")]
