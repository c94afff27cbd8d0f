"""mandates.csv: authority that was signed on paper."""

import datetime as dt
from functools import partial
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from relays.importing import mandates
from relays.models import BilledDays, Mandate, MandateText, Relay
from selfbilling.tabular.importing import take
from tests.operators_files import MANDATE, Inbox, write
from tests.world import camille, on

pytestmark = pytest.mark.django_db
SAME = "0 new, 0 changed, 1 there already, 0 bad"


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    for code in ("R0001", "R0002"):
        Relay.objects.create(code=code)
    return Inbox(tmp_path, mandates.judge, MANDATE)


def all_of() -> list[tuple[str, str, str | None]]:
    return [
        (m.relay.code, str(m.valid_from), str(m.valid_to) if m.valid_to else None) for m in Mandate.objects.order_by("relay", "valid_from")
    ]


def test_on_the_command_line_it_is_approved(inbox: Inbox) -> None:
    assert inbox.take({}, {"relay_code": "R0002", "valid_to": "31/12/2026"}) == "2 new, 0 changed, 0 there already, 0 bad"
    mandate = Mandate.objects.get(relay__code="R0001")
    assert (mandate.state, mandate.entered_by, mandate.decided_by) == ("approved", None, None)
    assert mandate.decided_at is not None
    assert all_of() == [("R0001", "2025-12-01", None), ("R0002", "2025-12-01", "2026-12-31")]


def test_uploaded_by_a_person_it_waits_for_another(inbox: Inbox) -> None:
    person = camille()
    take(partial(mandates.judge_to_approve, entered_by=person), write(inbox.file, MANDATE), by=person)
    mandate = Mandate.objects.get()
    assert (mandate.state, mandate.entered_by, mandate.decided_at) == ("consented", person, None)
    assert inbox.take({}) == SAME
    mandate.refresh_from_db()
    assert mandate.state == "consented"  # a file does not approve what waits for a second clerk
    (said,) = inbox.refused({"valid_from": "2026-01-01"})
    assert "overlaps the relay's mandate from 2025-12-01 to …" in said


@pytest.mark.parametrize("days", [30, None])
def test_an_unknown_text_is_a_paper_text_with_the_operators_delay(inbox: Inbox, settings: Settings, days: int | None) -> None:
    settings.OPERATOR_PAPER_CONTEST_DAYS = days
    MandateText.objects.create(version="2024-1", contest_days=8)
    inbox.take({}, {"relay_code": "R0002", "text_version": "2024-1"})
    assert set(MandateText.objects.values_list("version", "on_paper", "contest_days")) == {("2025-1", True, days), ("2024-1", False, 8)}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"relay_code": "R9"}, "relay_code"),
        ({"text_version": ""}, "text_version"),
        ({"text_version": "x" * 61}, "text_version"),
        ({"signed_on": ""}, "signed_on"),
        ({"signed_on": "2025-12-02"}, "signed_on"),
        ({"signed_on": "2026-11-06", "valid_from": "2026-12-01"}, "signed_on"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_to": "2025-11-30"}, "valid_to"),
        ({"valid_to": "never"}, "valid_to"),
        ({"channel": "fax"}, "channel"),
    ],
)
def test_a_bad_value_is_named(inbox: Inbox, changes: dict[str, str], column: str) -> None:
    with on(dt.date(2026, 11, 5)):
        (said,) = inbox.refused({"relay_code": "R0002"}, changes)
    assert said.startswith(f"line 3: {column} “")
    assert not Mandate.objects.exists()


def test_it_may_be_signed_valid_and_over_on_one_day(inbox: Inbox) -> None:
    assert inbox.take({"signed_on": "2025-12-01", "valid_to": "2025-12-01"}).startswith("1 new")


def test_overlapping_ones_are_bad_all_of_them(inbox: Inbox) -> None:
    said = inbox.refused(
        {"valid_to": "2026-01-31"},
        {"valid_from": "2026-01-31", "valid_to": "2026-03-01"},
        {"valid_from": "2026-03-02"},
        {"relay_code": "R0002"},
    )
    assert [line.partition(":")[0] for line in said] == ["line 2", "line 3"]
    assert "overlaps another mandate of the relay (line 3)" in said[0]


def test_the_day_after_the_last_valid_day_is_free(inbox: Inbox) -> None:
    inbox.take({"valid_to": "2026-01-31"}, {"valid_from": "2026-02-01"})
    assert len(all_of()) == 2


def test_the_same_mandate_again_may_change_only_its_end(inbox: Inbox) -> None:
    inbox.take({})
    assert inbox.take({}) == SAME
    for column, value in {"text_version": "2025-2", "signed_on": "2025-11-16", "channel": "online"}.items():
        (said,) = inbox.refused({column: value})
        assert f"line 2: {column} “{value}” was imported as {MANDATE[column]}" in said
    assert inbox.take({"valid_to": "2026-12-31"}) == "0 new, 1 changed, 0 there already, 0 bad"
    assert inbox.take({"valid_to": ""}) == "0 new, 1 changed, 0 there already, 0 bad"
    assert all_of() == [("R0001", "2025-12-01", None)]


def test_one_file_ends_a_mandate_and_begins_the_next(inbox: Inbox) -> None:
    inbox.take({})
    following = {"valid_from": "2026-10-16", "text_version": "2026-1"}
    assert "overlaps the relay's mandate" in inbox.refused(following)[0]
    assert inbox.take(following, {"valid_to": "2026-10-15"}) == "1 new, 1 changed, 0 there already, 0 bad"
    assert all_of() == [("R0001", "2025-12-01", "2026-10-15"), ("R0001", "2026-10-16", None)]


def test_what_stands_since_its_ending_row_is_bad_is_not_overlapped(inbox: Inbox) -> None:
    inbox.take({})
    report = inbox.take_good_rows({"valid_to": "2026-10-15", "channel": "online"}, {"valid_from": "2026-10-16"}, {"relay_code": "R0002"})
    assert str(report.counts) == "1 new, 0 changed, 0 there already, 2 bad"
    assert all_of() == [("R0001", "2025-12-01", None), ("R0002", "2025-12-01", None)]


def test_it_never_ends_before_a_billed_day(inbox: Inbox) -> None:
    inbox.take({"valid_to": "2026-10-15"}, {"valid_from": "2026-10-16"})
    BilledDays.objects.create(relay=Relay.objects.get(code="R0001"), first=dt.date(2026, 10, 3), last=dt.date(2026, 10, 29))
    (said,) = inbox.refused({"valid_to": "2026-10-14"})
    assert "is before a billed day (2026-10-15); write 2026-10-15 or a later day" in said
    (said,) = inbox.refused({"valid_from": "2026-10-16", "valid_to": "2026-10-28"})
    assert "is before a billed day (2026-10-29)" in said
    inbox.take({"valid_from": "2026-10-16", "valid_to": "2026-10-29"})


def test_a_rejected_mandate_is_in_nobodys_way(inbox: Inbox) -> None:
    inbox.take({})
    Mandate.objects.update(state=Mandate.State.REJECTED)
    assert inbox.take({}).startswith("1 new")


def test_a_key_twice_is_bad_even_if_equal(inbox: Inbox) -> None:
    said = inbox.refused({}, {})
    assert len([line for line in said if "is there 2 times (lines 2, 3)" in line]) == 2
