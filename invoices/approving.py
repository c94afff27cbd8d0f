"""`approve`: four eyes on a month's drafts; their digest is frozen."""

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invoices import inputs
from invoices.models import Run
from invoices.period import Period
from relays.models import Person
from selfbilling import journal, locks
from selfbilling.errors import Refused


class NoDrafts(Refused):
    """The month has no drafts that wait for approval."""


class SamePerson(Refused):
    """Whoever billed does not approve."""

    def __init__(self, person: Person) -> None:
        super().__init__(_("%(who)s billed this month: another member of billing must approve it") % {"who": person.email})


class InputsChanged(Refused):
    """Files were imported after the drafts were made."""

    def __init__(self, period: Period) -> None:
        super().__init__(
            _("activity, adjustments, tariffs or identities of %(month)s changed after the drafts were made: bill again")
            % {"month": period}
        )


class DraftsChanged(Refused):
    """A draft is not what was approved."""

    def __init__(self, period: Period) -> None:
        super().__init__(_("the drafts of %(month)s differ from those that were approved: bill again") % {"month": period})


@transaction.atomic
def approve(period: Period, *, by: Person) -> Run:
    """Approve a month's drafts, frozen from now on by their digest.

    by: an active member of billing. Raises NoDrafts, SamePerson, InputsChanged.
    """
    locks.hold_inputs()
    open_states = (Run.State.DRAFTED, Run.State.APPROVED, Run.State.ISSUING)
    run = Run.objects.select_for_update().filter(period=period.first, state__in=open_states).first()
    if run is None:
        raise NoDrafts(_("%(month)s has no drafts: bill it first") % {"month": period})
    if run.state != Run.State.DRAFTED:
        raise NoDrafts(_("%(month)s is approved already: issue it, or bill again to withdraw the approval") % {"month": period})
    if run.drafted_by_id == by.pk:
        raise SamePerson(by)
    refuse_changed_inputs(run)
    run.digest = digest(run)
    run.state = Run.State.APPROVED
    run.approved_by = by
    run.approved_at = timezone.now()
    run.save(update_fields=["digest", "state", "approved_by", "approved_at"])
    journal.record(act="approved", subject=f"run:{run.pk}", by=by, period=str(period), digest=run.digest)
    return run


def refuse_changed_inputs(run: Run) -> None:
    """Raise InputsChanged if anything that the drafts were made from has changed since."""
    period = Period(run.period)
    if inputs.digest(period, run_id=run.pk) != run.inputs_digest:
        raise InputsChanged(period)


def digest(run: Run) -> str:
    """SHA-256 (hex) of a run's drafts with their lines and VAT totals, in relay order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws(E'\\n',
                concat_ws(' ', d.relay_id, d.first_day, d.last_day, d.net, d.vat, d.gross),
                (SELECT string_agg(to_jsonb(l)::text, E'\\n' ORDER BY l.position) FROM invoices_draftline l WHERE l.draft_id = d.id),
                (SELECT string_agg(to_jsonb(v)::text, E'\\n' ORDER BY v.category, v.rate) FROM invoices_draftvat v WHERE v.draft_id = d.id)
            ), E'\\n' ORDER BY d.relay_id), ''), 'UTF8')), 'hex')
            FROM invoices_draft d WHERE d.run_id = %s
            """,
            [run.pk],
        )
        return str(cursor.fetchone()[0])
