"""`bill`: a month's inputs → drafts and held relays, judged as of today; changes nothing that is issued."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from invoices import checking, inputs, period, rendering
from invoices.document.content import Content
from invoices.judging import HeldBack, Rated, judge, shown_vat_number
from invoices.making_out import make_out, mentions_in_force
from invoices.models import Draft, DraftLine, DraftVat, Held, Invoice, Run
from relays.mandates import covering
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused
from selfbilling.rows import copy_rows


class NotOver(Refused):
    """The month still runs: its last day is not past in Paris."""

    def __init__(self, month: period.Period) -> None:
        super().__init__(_("%(month)s is not over: it can be billed from %(day)s on") % {"month": month, "day": month.next.first})


class NothingToBill(Refused):
    """No relay has activity or adjustments of that month left to bill."""

    def __init__(self, month: period.Period) -> None:
        said = _("nothing to bill in %(month)s: no activity and no adjustment of that month is without its invoice; import some")
        super().__init__(said % {"month": month})


class MovedOn(Refused):
    """Somebody billed, approved or issued the month while the drafts were being made."""

    def __init__(self, month: period.Period) -> None:
        said = _("somebody else billed, approved or issued %(month)s in the meantime: look where it stands, then bill again")
        super().__init__(said % {"month": month})


@dataclass(slots=True)
class _Outcome:
    rated: list[Rated]
    held: list[HeldBack]


Progress = Callable[[int, int], object]


def draft(month: period.Period, *, by: Person, progress: Progress) -> Run:
    """Bill a month anew: drafts for all relays that have no invoice of it, held ones with their first reason.

    An open run of the month is withdrawn (its approval with it) as far as it is not issued.
    by: an active member of billing. progress: called with (drafts just checked, drafts to check).
    Raises NotOver, NothingToBill, MovedOn. Source: docs/files.md, Commands.
    """
    day = period.today()
    if month.last >= day:
        raise NotOver(month)
    before = _open_run(month)
    found = inputs.read(month, day=day)
    if not found.relays:
        raise NothingToBill(month)
    outcome = _judged(found, day=day)
    _check_documents(outcome, day=day, progress=progress)
    if not outcome.rated and not outcome.held:
        raise NothingToBill(month)
    odd = checking.oddities(outcome.rated, period=month)
    with transaction.atomic():
        _withdraw(month, seen=before)
        run = Run.objects.create(period=month.first, inputs_digest=found.digest, drafted_by=by)
        _write(run, outcome, odd=odd)
        journal.record(act="billed", subject=f"run:{run.pk}", by=by, period=str(month), drafts=len(outcome.rated), held=len(outcome.held))
    return run


def _open_run(month: period.Period) -> tuple[int, str] | None:
    open_states = (Run.State.DRAFTED, Run.State.APPROVED, Run.State.ISSUING)
    return Run.objects.filter(period=month.first, state__in=open_states).values_list("pk", "state").first()


def _judged(found: inputs.Month, *, day: dt.date) -> _Outcome:
    outcome = _Outcome([], [])
    for relay in found.relays:
        judged = judge(relay, month=found, issue_date=day)
        if isinstance(judged, Rated):
            outcome.rated.append(judged)
        elif isinstance(judged, HeldBack):
            outcome.held.append(judged)
    return outcome


def _check_documents(outcome: _Outcome, *, day: dt.date, progress: Progress) -> None:
    """Move to held what a schematron refuses, then what a person holds."""
    mentions = mentions_in_force(day)
    contents = [_content(one, day=day, mentions=mentions) for one in outcome.rated]
    answers = list(checking.refused(contents, done=lambda judged: progress(judged, len(contents))))
    passed = []
    for one, answer in zip(outcome.rated, answers, strict=True):
        if answer:
            outcome.held.append(HeldBack(one.month, Held.Reason.DOCUMENT_REJECTED, answer))
        elif one.month.hold:
            outcome.held.append(HeldBack(one.month, Held.Reason.ANOMALY, one.month.hold))
        else:
            passed.append(one)
    outcome.rated = passed


def _content(one: Rated, *, day: dt.date, mentions: dict[str, str]) -> Content:
    return rendering.content(
        made_out(one, day=day, mentions=mentions),
        lines=[DraftLine(**fields) for fields in _lines(one)],
        vat_totals=[DraftVat(**fields) for fields in _vat_totals(one)],
        test=False,
    )


def made_out(one: Rated, *, day: dt.date, mentions: dict[str, str]) -> Invoice:
    """The draft of an invoice (rank 00000), not saved, as it would stand if it were issued on that day."""
    mandate = covering(day, one.month.mandates)
    if mandate is None or one.month.identity is None:
        raise ValueError(f"{one.month.relay.code} was judged billable without mandate or identity")
    return make_out(
        one,
        relay=one.month.relay,
        identity=one.month.identity,
        vat_number=shown_vat_number(one.month.regimes, last_day=one.last_day),
        mandate=mandate,
        by_email=one.month.opted_in,
        mentions=mentions,
        issue_date=day,
        rank=0,
    )


def _lines(one: Rated) -> list[dict[str, object]]:
    return [
        {
            "position": position,
            "service_code": line.service_code,
            "label": line.label,
            "unit_code": line.unit_code,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "category": line.treatment.category,
            "rate": line.treatment.rate,
            "net": line.net,
            "first_day": line.first_day,
            "last_day": line.last_day,
            "tariff_set_id": line.set_id,
        }
        for position, line in enumerate(one.lines, start=1)
    ]


def _vat_totals(one: Rated) -> list[dict[str, object]]:
    return [{"category": t.treatment.category, "rate": t.treatment.rate, "base": t.base, "vat": t.vat} for t in one.vat_totals]


def _withdraw(month: period.Period, *, seen: tuple[int, str] | None) -> None:
    """Withdraw the open run that was seen before rating; what it issued stays, with its drafts. Raises MovedOn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('run'), %s)", [int(f"{month.first:%Y%m}")])  # one bill of a month at a time
    if _open_run(month) != seen:
        raise MovedOn(month)
    if seen is None:
        return
    run = Run.objects.select_for_update().get(pk=seen[0])
    if run.state != seen[1]:
        raise MovedOn(month)
    partly_issued = run.invoices.exists()
    run.state = Run.State.WITHDRAWN
    run.save(update_fields=["state"])
    with connection.cursor() as cursor:
        unissued = "SELECT d.id FROM invoices_draft d WHERE d.run_id = %s AND NOT EXISTS (SELECT 1 FROM invoices_invoice i WHERE i.run_id = d.run_id AND i.relay_id = d.relay_id)"  # noqa: E501
        for table, column in (("invoices_draftline", "draft_id"), ("invoices_draftvat", "draft_id"), ("invoices_draft", "id")):
            cursor.execute(f"DELETE FROM {table} WHERE {column} IN ({unissued})", [run.pk])  # noqa: S608 (constants)
    if partly_issued:
        run.state = Run.State.ISSUED
        run.save(update_fields=["state"])


def _write(run: Run, outcome: _Outcome, *, odd: dict[int, list[checking.Oddity]]) -> None:
    copy_rows(
        Draft,
        (
            {
                "run_id": run.pk,
                "relay_id": one.month.relay.pk,
                "first_day": one.first_day,
                "last_day": one.last_day,
                "net": one.net,
                "vat": one.vat,
                "gross": one.gross,
                "oddities": odd.get(one.month.relay.pk, []),
            }
            for one in outcome.rated
        ),
    )
    ids = dict(Draft.objects.filter(run=run).values_list("relay_id", "pk"))
    copy_rows(DraftLine, ({"draft_id": ids[one.month.relay.pk], **fields} for one in outcome.rated for fields in _lines(one)))
    copy_rows(DraftVat, ({"draft_id": ids[one.month.relay.pk], **fields} for one in outcome.rated for fields in _vat_totals(one)))
    _hold(run, outcome.held)


def _hold(run: Run, held: Sequence[HeldBack]) -> None:
    copy_rows(Held, ({"run_id": run.pk, "relay_id": one.month.relay.pk, "reason": one.reason, "detail": one.detail} for one in held))
