"""`issue`: THE place that numbers. Approved drafts → invoices, in relay order, a few hundred at a time.

Number and invoice are born in one transaction, under a lock on the relay's series; drafts have no number. Killed
between two transactions, the same command goes on where it stopped and gives the same numbers.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import NOT_PROVIDED, Max
from django.utils.translation import gettext as _

from invoices import held_because, inputs, period, rendering
from invoices.approving import DraftsChanged, digest, refuse_changed_inputs
from invoices.document.rules import refusal
from invoices.judging import shown_vat_number, without_mandate
from invoices.making_out import make_out, mentions_in_force, number, root_of
from invoices.models import Draft, Due, Held, Hold, Invoice, Run, Series
from invoices.vat import RegimeFrom
from relays import identities, mandates, opting_in
from relays.models import BilledDays, Identity, Mandate
from selfbilling import journal, locks
from selfbilling.errors import Refused
from selfbilling.rows import copy_rows

_AT_ONCE = 500
_LINE = ("position", "service_code", "label", "unit_code", "quantity", "unit_price", "category", "rate", "net", "first_day", "last_day")
_FROM_DRAFTS = (
    ("invoices_draftline", "invoices_invoiceline", [*_LINE, "tariff_set_id"]),
    ("invoices_draftvat", "invoices_vattotal", ["category", "rate", "base", "vat"]),
)
Progress = Callable[[int], object]


class NotApproved(Refused):
    """The month's drafts wait for approval, or there are none."""


class BadIssueDate(Refused):
    """An issue date that the law or an earlier invoice forbids."""


@dataclass(slots=True)
class _Ready:
    """A draft that may be issued, with everything that its invoice says."""

    draft: Draft
    identity: Identity
    vat_number: str
    mandate: Mandate
    by_email: bool


def issue(month: period.Period, *, issue_date: dt.date | None, progress: Progress) -> int:
    """Number all approved drafts of a month; returns how many invoices this call issued (0: nothing was left).

    issue_date: a day in Paris; None is today, or the day fixed when issuing first started after the approval.
    progress: called with how many drafts were just dealt with. What a relay's mandate, identity or a hold no longer
    allows on the issue date is held. Raises NotApproved, BadIssueDate, InputsChanged, DraftsChanged.
    """
    with locks.inputs_held():  # from the look at what changed to the last number: a row that came in between would never be billed
        run = _start(month, issue_date=issue_date)
        return 0 if run is None else _issue_all(run, progress=progress)


def _issue_all(run: Run, *, progress: Progress) -> int:
    issued = 0
    while True:
        with transaction.atomic():
            done, numbered = _issue_some(run.pk)
        if not done:
            return issued
        issued += numbered
        progress(done)


def left(run: Run) -> int:
    """How many drafts of that run are neither issued nor held."""
    return len(_drafts_left(run, at_most=None))


@transaction.atomic
def _start(month: period.Period, *, issue_date: dt.date | None) -> Run | None:
    open_states = (Run.State.DRAFTED, Run.State.APPROVED, Run.State.ISSUING)
    run = Run.objects.select_for_update().filter(period=month.first, state__in=open_states).first()
    if run is None:
        if Run.objects.filter(period=month.first, state=Run.State.ISSUED).exists():
            return None
        raise NotApproved(_("%(month)s has no drafts: bill it, then have it approved") % {"month": month})
    if run.state == Run.State.DRAFTED:
        raise NotApproved(_("the drafts of %(month)s are not approved: another member of billing approves them first") % {"month": month})
    if run.state == Run.State.ISSUING and issue_date not in {None, run.issue_date}:
        raise BadIssueDate(
            _("%(month)s is being issued on %(day)s: go on without --issue-date, or with that day")
            % {"month": month, "day": run.issue_date}
        )
    refuse_changed_inputs(run)
    if digest(run) != run.digest:
        raise DraftsChanged(month)
    if run.state == Run.State.APPROVED:
        day = issue_date or period.today()
        _refuse_bad_date(month, day=day, run=run)
        run.issue_date = day
        run.state = Run.State.ISSUING
        run.save(update_fields=["issue_date", "state"])
        journal.record(act="issuing started", subject=f"run:{run.pk}", by=None, period=str(month), issue_date=str(day))
    return run


def _refuse_bad_date(month: period.Period, *, day: dt.date, run: Run) -> None:
    if day > period.today():
        raise BadIssueDate(_("the issue date %(day)s is in the future: give today or an earlier day") % {"day": day})
    if day < month.last:
        raise BadIssueDate(
            _("the issue date %(day)s is before %(last)s, the last day of %(month)s") % {"day": day, "last": month.last, "month": month}
        )
    relays = run.drafts.values("relay")
    last = Invoice.objects.filter(relay__in=relays).aggregate(day=Max("issue_date"))["day"]
    if last is not None and day < last:
        latest = Invoice.objects.filter(relay__in=relays, issue_date=last).order_by("number").first()
        said = _("the issue date %(day)s is before that of %(latest)s, %(last)s: dates never run backwards; give %(last)s or later")
        raise BadIssueDate(said % {"day": day, "latest": latest, "last": last})


def _issue_some(run_id: int) -> tuple[int, int]:
    """Deal with the next drafts; returns (drafts dealt with, of these issued). Ends the run when none is left."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state != Run.State.ISSUING:
        return 0, 0
    drafts = _drafts_left(run, at_most=_AT_ONCE)
    if not drafts:
        run.state = Run.State.ISSUED
        run.save(update_fields=["state"])
        journal.record(act="issuing ended", subject=f"run:{run.pk}", invoices=run.invoices.count(), held=run.held.count())
        return 0, 0
    ready = _hold_what_changed(run, drafts)
    invoices = _invoices(run, ready)
    _write(run, invoices)
    return len(drafts), len(invoices)


def _drafts_left(run: Run, *, at_most: int | None) -> list[Draft]:
    issued = Invoice.objects.filter(run=run).values("relay")
    held = Held.objects.filter(run=run).values("relay")
    drafts = run.drafts.exclude(relay__in=issued).exclude(relay__in=held).select_related("relay").order_by("relay__code")
    return list(drafts if at_most is None else drafts[:at_most])


def _hold_what_changed(run: Run, drafts: Sequence[Draft]) -> list[_Ready]:
    """Judge again as of the issue date, under the lock; what may not be issued any more becomes a held relay."""
    if run.issue_date is None:
        raise ValueError(f"run {run.pk} is being issued without a date")
    day, ids = run.issue_date, [draft.relay_id for draft in drafts]
    authority = mandates.approved(ids)
    who, as_drafted = identities.in_force(day, ids), identities.in_force(period.today(run.drafted_at), ids)
    regimes = identities.vat_histories(ids)
    by_email = opting_in.opted_in(day, ids)
    days = inputs.billed_days(period.Period(run.period), ids)
    holds = dict(Hold.objects.filter(period=run.period, relay_id__in=ids).values_list("relay_id", "why"))
    ready, held = [], []
    for draft in drafts:
        relay_id = draft.relay_id
        identity = who.get(relay_id)
        approved = authority.get(relay_id, [])
        mandate = mandates.covering(day, approved)
        if (uncovered := without_mandate(days[relay_id], approved=approved, issue_date=day)) or mandate is None:
            held.append((relay_id, Held.Reason.NO_MANDATE, uncovered))
        elif identity is None or (missing := identities.missing(identity)):
            names = "everything" if identity is None else ", ".join(missing)
            held.append((relay_id, Held.Reason.INCOMPLETE_IDENTITY, held_because.EMPTY_ON_ISSUE_DATE % {"columns": names, "day": day}))
        else:
            history = [RegimeFrom(r.valid_from, r.regime, r.vat_number) for r in regimes.get(relay_id, [])]
            shown = shown_vat_number(history, last_day=draft.last_day)
            one = _Ready(draft, identity, shown, mandate, relay_id in by_email)
            changed = as_drafted.get(relay_id) != identity
            if changed and (text := _refused(one, day=day)):
                held.append((relay_id, Held.Reason.DOCUMENT_REJECTED, text))
            elif relay_id in holds:
                held.append((relay_id, Held.Reason.ANOMALY, holds[relay_id]))
            else:
                ready.append(one)
    copy_rows(Held, ({"run_id": run.pk, "relay_id": r, "reason": reason, "detail": detail} for r, reason, detail in held))
    return ready


def _refused(one: _Ready, *, day: dt.date) -> str:
    """What a schematron says of an identity that is not the one that was checked with the draft."""
    invoice = _made_out(one, day=day, mentions=mentions_in_force(day), rank=0)
    content = rendering.content(invoice, lines=one.draft.lines.all(), vat_totals=one.draft.vat_totals.all(), test=False)
    return refusal(content)


def _made_out(one: _Ready, *, day: dt.date, mentions: dict[str, str], rank: int) -> Invoice:
    draft = one.draft
    return make_out(
        draft,
        relay=draft.relay,
        identity=one.identity,
        vat_number=one.vat_number,
        mandate=one.mandate,
        by_email=one.by_email,
        mentions=mentions,
        issue_date=day,
        rank=rank,
    )


def _invoices(run: Run, ready: Sequence[_Ready]) -> list[Invoice]:
    """Number the drafts, each relay's series locked, in relay order."""
    if run.issue_date is None:
        raise ValueError(f"run {run.pk} is being issued without a date")
    day, mentions = run.issue_date, mentions_in_force(run.issue_date)
    roots = {one.draft.relay_id: root_of(one.draft.relay) for one in ready}
    Series.objects.bulk_create((Series(relay_id=relay_id, root=root) for relay_id, root in roots.items()), ignore_conflicts=True)
    locked = Series.objects.select_for_update().filter(relay_id__in=roots).order_by("relay__code", "root")
    series = {(s.relay_id, s.root): s for s in locked}
    invoices = []
    for one in ready:
        own = series[one.draft.relay_id, roots[one.draft.relay_id]]
        rank = own.last_rank + 1 if own.year == day.year else 1
        invoice = _made_out(one, day=day, mentions=mentions, rank=rank)
        invoice.number = number(root=own.root, year=day.year, rank=rank)
        invoice.series = own
        invoice.run = run
        invoices.append(invoice)
    return invoices


def _write(run: Run, invoices: Sequence[Invoice]) -> None:
    columns = [field.attname for field in Invoice._meta.concrete_fields if field.db_default is NOT_PROVIDED and field.attname != "id"]
    copy_rows(Invoice, ({column: getattr(invoice, column) for column in columns} for invoice in invoices))
    numbers = [invoice.number for invoice in invoices]
    ids = list(
        run.invoices.filter(number__in=numbers).order_by("relay__code").values_list("pk", "relay_id", "first_day", "last_day", "number")
    )
    with connection.cursor() as cursor:
        for source, target, columns in _FROM_DRAFTS:
            cursor.execute(
                f"""
                INSERT INTO {target} (invoice_id, {", ".join(columns)})
                SELECT i.id, {", ".join(f"t.{column}" for column in columns)}
                FROM {source} t
                JOIN invoices_draft d ON d.id = t.draft_id
                JOIN invoices_invoice i ON i.run_id = d.run_id AND i.relay_id = d.relay_id
                WHERE i.id = ANY(%s)
                """,  # noqa: S608 (constants)
                [[row[0] for row in ids]],
            )
    copy_rows(BilledDays, ({"relay_id": relay, "first": first, "last": last} for _, relay, first, last, _ in ids))
    Due.objects.bulk_create(Due(invoice_id=pk, step=Due.Step.SEAL) for pk, *_ in ids)
    journal.record_each(act="issued", details={f"invoice:{name}": {"run": run.pk} for *_, name in ids})
