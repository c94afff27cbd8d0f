"""Filing the scan of a paper mandate: once each, never changed, the newest shown."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from relays import copying, filing
from relays.models import Mandate, MandateScan, Relay
from selfbilling.files import Checked, checked
from selfbilling.models import JournalEntry
from tests import cast, sent_files, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandate() -> Mandate:
    return world.give_mandate(world.relay(mandate=None), dt.date(2025, 12, 1))


def a_scan() -> Checked:
    return checked(name="scan.pdf", data=sent_files.pdf())


def a_photo() -> Checked:
    return checked(name="photo.jpg", data=sent_files.image("JPEG"))


def test_it_is_kept_as_it_came_and_the_journal_says_who(mandate: Mandate) -> None:
    scan = filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    scan.refresh_from_db()
    assert bytes(scan.data) == a_scan().data
    assert (scan.content_type, scan.size, scan.filed_by) == ("application/pdf", len(a_scan().data), cast.clerk())
    entry = JournalEntry.objects.get(act="mandate scan filed")
    assert (entry.subject, entry.by, entry.detail["sha256"]) == ("relay:R0001", cast.clerk(), a_scan().sha256)


def test_a_better_one_is_filed_beside_it_and_shown(mandate: Mandate) -> None:
    filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    better = filing.file_scan(mandate_id=mandate.pk, file=a_photo(), by=cast.clerk())
    assert mandate.scans.count() == 2
    assert copying.newest_scan(mandate) == better


def test_the_very_same_file_is_refused(mandate: Mandate) -> None:
    filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    with pytest.raises(filing.AlreadyFiled):
        filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    assert JournalEntry.objects.filter(act="mandate scan filed").count() == 1


def test_the_same_sheet_may_be_of_two_mandates(mandate: Mandate) -> None:
    other = world.give_mandate(Relay.objects.create(code="R0002"), dt.date(2025, 12, 1))
    filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    filing.file_scan(mandate_id=other.pk, file=a_scan(), by=cast.clerk())
    assert MandateScan.objects.count() == 2


def test_a_mandate_given_on_line_has_no_sheet(mandate: Mandate) -> None:
    Mandate.objects.update(channel="online")
    with pytest.raises(filing.NotOnPaper, match="R0001"):
        filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    assert not MandateScan.objects.exists()


@pytest.mark.parametrize("harm", ["changed", "deleted"])
def test_it_is_neither_changed_nor_deleted(mandate: Mandate, harm: str) -> None:
    filing.file_scan(mandate_id=mandate.pk, file=a_scan(), by=cast.clerk())
    with pytest.raises(DatabaseError, match="final"), transaction.atomic():
        MandateScan.objects.update(data=b"%PDF-") if harm == "changed" else MandateScan.objects.all().delete()
    assert bytes(MandateScan.objects.get().data) == a_scan().data


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"content_type": "text/html"}, "a_scan_is_a_pdf_or_a_picture"),
        ({"size": 10 * 1024 * 1024 + 1}, "a_scan_is_of_10_megabytes_at_most"),
        ({"size": 0}, "a_scan_is_of_10_megabytes_at_most"),
    ],
)
def test_the_database_takes_nothing_else(mandate: Mandate, wrong: dict[str, object], rule: str) -> None:
    right = {"content_type": "application/pdf", "size": 5, "sha256": "0" * 64, "data": b"%PDF-", "filed_by": cast.clerk()}
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        MandateScan.objects.create(mandate=mandate, **{**right, **wrong})


def test_it_is_saved_under_a_name_that_says_what_it_is(mandate: Mandate) -> None:
    scan = filing.file_scan(mandate_id=mandate.pk, file=a_photo(), by=cast.clerk())
    assert filing.file_name(scan) == "mandat-signe-R0001-2025-12-01.jpg"
