"""mandates.csv -> mandates taken over from paper (docs/files.md; CGI art. 289 I-2: express, written, prior)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from relays.importing.identifiers import relay_code
from relays.models import BilledDays, Mandate, MandateText, Person, Relay
from selfbilling.tabular.cells import BadCell, day, day_or_nothing, filled_text, one_of
from selfbilling.tabular.importing import BadRow, Change, Counts
from selfbilling.tabular.reading import Column, Problem, Record, Table, Watch, unwatched
from selfbilling.tabular.sheet import Sheet


class MandateRow(NamedTuple):
    """One row of mandates.csv. valid_to: the last valid day; None means open-ended."""

    relay_code: str
    text_version: str
    signed_on: dt.date
    valid_from: dt.date
    valid_to: dt.date | None
    channel: str


def past_day(cell: str) -> dt.date:
    """A day that is not in the future. Raises BadCell."""
    value = day(cell)
    if value > timezone.localdate():
        raise BadCell("is in the future", "import the mandate once it is signed")
    return value


TABLE = Table(
    "mandates",
    Column("relay_code", relay_code),
    Column("text_version", filled_text(longest=60)),
    Column("signed_on", past_day),
    Column("valid_from", day),
    Column("valid_to", day_or_nothing),
    Column("channel", one_of(*Mandate.Channel.values)),
    make=MandateRow,
)
_A_BATCH = 1_000


class JudgedMandates:
    """A mandates.csv that was read and compared with the database. entered_by: None, they go in as approved."""

    def __init__(self, sheet: Sheet[MandateRow], *, entered_by: Person | None) -> None:
        self.file = sheet.file
        self._sheet, self._entered_by = sheet, entered_by
        codes = {code for (code,) in sheet.groups("relay_code")}
        self._relays = {relay.code: relay for relay in Relay.objects.filter(code__in=codes)}
        self._known = _known(self._relays)
        _refuse_unknown_relays(sheet, self._relays)
        _refuse_wrong_order(sheet)
        sheet.refuse_twice("relay_code", "valid_from")
        _refuse_overlaps_in_file(sheet)
        _refuse_other_changes(sheet, self._known)
        _refuse_billed_days(sheet, self._known)
        _refuse_overlaps_with_known(sheet, self._known)
        self._new: list[MandateRow] = []
        self._changed: list[Mandate] = []
        self._changes: list[Change] = []
        self.counts = self._compare()

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows, in the file's order."""
        return self._sheet.bad_rows()

    def changes(self) -> Iterator[Change]:
        """The last valid days that change."""
        return iter(self._changes)

    def write(self) -> None:
        """Write the good rows; what ends first, since two approved mandates never share a day."""
        Mandate.objects.bulk_update(self._changed, ["valid_to"], batch_size=_A_BATCH)
        texts = _texts({row.text_version for row in self._new})
        is_approved = self._entered_by is None
        Mandate.objects.bulk_create(
            [
                Mandate(
                    relay=self._relays[row.relay_code],
                    text=texts[row.text_version],
                    signed_on=row.signed_on,
                    valid_from=row.valid_from,
                    valid_to=row.valid_to,
                    channel=row.channel,
                    state=Mandate.State.APPROVED if is_approved else Mandate.State.CONSENTED,
                    entered_by=self._entered_by,
                    decided_at=timezone.now() if is_approved else None,
                )
                for row in self._new
            ],
            batch_size=_A_BATCH,
        )

    def _compare(self) -> Counts:
        same = 0
        for line, row in self._sheet.good():
            known = self._known[row.relay_code].get(row.valid_from)
            if known is None:
                self._new.append(row)
            elif known.valid_to == row.valid_to:
                same += 1
            else:
                self._changes.append(Change(line, row.relay_code, "valid_to", known.valid_to, row.valid_to))
                known.valid_to = row.valid_to
                self._changed.append(known)
        return Counts(new=len(self._new), changed=len(self._changed), same=same, bad=sum(1 for _ in self.bad_rows()))


def judge(path: Path, *, watch: Watch = unwatched) -> JudgedMandates:
    """Read mandates.csv, whose mandates are signed and filed: they go in as approved. Raises BadFile."""
    return JudgedMandates(Sheet(TABLE, TABLE.file(path, watch=watch)), entered_by=None)


def judge_to_approve(path: Path, *, entered_by: Person, watch: Watch = unwatched) -> JudgedMandates:
    """Read mandates.csv, whose mandates wait for a second clerk. Raises BadFile."""
    return JudgedMandates(Sheet(TABLE, TABLE.file(path, watch=watch)), entered_by=entered_by)


def _known(relays: dict[str, Relay]) -> dict[str, dict[dt.date, Mandate]]:
    """The relays' mandates, approved or waiting, by code and first day."""
    known: dict[str, dict[dt.date, Mandate]] = defaultdict(dict)
    mandates = Mandate.objects.filter(relay__code__in=relays).exclude(state=Mandate.State.REJECTED)
    for mandate in mandates.select_related("relay", "text"):
        known[mandate.relay.code][mandate.valid_from] = mandate
    return known


def _texts(versions: set[str]) -> dict[str, MandateText]:
    """The texts by version; an unknown one is a paper text until staff enter its words."""
    known = set(MandateText.objects.filter(version__in=versions).values_list("version", flat=True))
    days = settings.OPERATOR_PAPER_CONTEST_DAYS
    MandateText.objects.bulk_create(MandateText(version=version, on_paper=True, contest_days=days) for version in sorted(versions - known))
    return {text.version: text for text in MandateText.objects.filter(version__in=versions)}


def _refuse_unknown_relays(sheet: Sheet[MandateRow], relays: dict[str, Relay]) -> None:
    for (code,), records in sheet.groups("relay_code").items():
        for record in records if code not in relays else ():
            record.problems.append(Problem("relay_code", code, "is no imported relay", "import it first, or mend the code"))


def _refuse_wrong_order(sheet: Sheet[MandateRow]) -> None:
    for record in sheet.records:
        signed, valid = record.part("signed_on", "valid_from"), record.part("valid_from", "valid_to")
        if signed and signed[0] > signed[1]:
            reason, remedy = f"is after valid_from ({signed[1]})", "a mandate holds from its signature on at the earliest"
            record.problems.append(Problem("signed_on", str(signed[0]), reason, remedy))
        if valid and valid[1] is not None and valid[1] < valid[0]:
            reason, remedy = f"is before valid_from ({valid[0]})", "write the last valid day, or nothing"
            record.problems.append(Problem("valid_to", str(valid[1]), reason, remedy))


def _refuse_overlaps_in_file(sheet: Sheet[MandateRow]) -> None:
    """Overlapping mandates of a relay are bad rows, all of them."""
    for records in sheet.groups("relay_code").values():
        dated = [(record, part) for record in records if (part := record.part("valid_from", "valid_to")) is not None]
        for record, (first, last) in dated:
            others = [
                str(other.line)
                for other, days in dated
                if other is not record and days[0] != first and _overlap((first, last), (days[0], days[1]))
            ]
            if others:
                reason = f"overlaps another mandate of the relay (line {', '.join(others[:5])})"
                record.problems.append(_overlapping(first, last, reason))


def _refuse_overlaps_with_known(sheet: Sheet[MandateRow], known: dict[str, dict[dt.date, Mandate]]) -> None:
    """A good row replaces the known mandate of its first day; all others stay, and none may overlap.

    Once is enough: a row that turns bad here was longer than the mandate that is back then, and what overlaps that
    mandate overlaps the row, in the file.
    """
    for (code,), records in sheet.groups("relay_code").items():
        good = [(record, record.row) for record in records if record.row is not None and not record.problems]
        standing = [known[code][day] for day in known[code].keys() - {row.valid_from for _, row in good}]
        for record, row in good:
            days = (row.valid_from, row.valid_to)
            other = next((each for each in standing if _overlap(days, (each.valid_from, each.valid_to))), None)
            if other is not None:
                reason = f"overlaps the relay's mandate from {other.valid_from} to {other.valid_to or '…'}"
                record.problems.append(_overlapping(*days, reason))


def _overlapping(first: dt.date, last: dt.date | None, reason: str) -> Problem:
    remedy = "end one the day before the other starts (valid_to is the last valid day)"
    return Problem("valid_from, valid_to", f"{first} {last or ''}".strip(), reason, remedy)


def _overlap(one: tuple[dt.date, dt.date | None], other: tuple[dt.date, dt.date | None]) -> bool:
    return one[0] <= (other[1] or dt.date.max) and other[0] <= (one[1] or dt.date.max)


def _again(sheet: Sheet[MandateRow], known: dict[str, dict[dt.date, Mandate]]) -> Iterator[tuple[Record[MandateRow], MandateRow, Mandate]]:
    """The rows whose mandate (relay, first day) is known."""
    for record in sheet.records:
        row = record.row
        mandate = known[row.relay_code].get(row.valid_from) if row is not None else None
        if row is not None and mandate is not None:
            yield record, row, mandate


def _refuse_other_changes(sheet: Sheet[MandateRow], known: dict[str, dict[dt.date, Mandate]]) -> None:
    """The same mandate again may change only valid_to."""
    for record, row, mandate in _again(sheet, known):
        was = {"text_version": mandate.text.version, "signed_on": mandate.signed_on, "channel": mandate.channel}
        for name, value in was.items():
            if getattr(row, name) != value:
                reason = f"was imported as {value}; of a known mandate only valid_to may change"
                record.problems.append(Problem(name, str(getattr(row, name)), reason, "end it with valid_to, and add another mandate"))


def _refuse_billed_days(sheet: Sheet[MandateRow], known: dict[str, dict[dt.date, Mandate]]) -> None:
    """A mandate never ends before a day that was billed under it."""
    again = list(_again(sheet, known))
    billed: dict[int, list[BilledDays]] = defaultdict(list)
    for days in BilledDays.objects.filter(relay__in={mandate.relay_id for _, _, mandate in again}):
        billed[days.relay_id].append(days)
    for record, row, mandate in again:
        last = max(
            (
                min(days.last, mandate.valid_to or days.last)
                for days in billed[mandate.relay_id]
                if _overlap((days.first, days.last), (mandate.valid_from, mandate.valid_to))
            ),
            default=dt.date.min,
        )
        if row.valid_to is not None and row.valid_to < last and row.valid_to != mandate.valid_to:
            reason = f"is before a billed day ({last})"
            record.problems.append(Problem("valid_to", str(row.valid_to), reason, f"write {last} or a later day"))
