"""A person says that a month may be delivered; nothing is handed over before."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invoices.models import Invoice, Run
from invoices.period import Period
from selfbilling import journal
from selfbilling.errors import Refused


class NothingIssued(Refused):
    """The month has no invoice."""

    def __init__(self, period: Period) -> None:
        super().__init__(_("%(month)s has no invoice to deliver: `month %(month)s` says which command comes next") % {"month": period})


@transaction.atomic
def start(period: Period) -> None:
    """Mark the runs that issued invoices of that month as being delivered; those that are already stay as they are.

    Raises NothingIssued.
    """
    issued_by = Invoice.objects.filter(period=period.first).values("run")
    runs = list(Run.objects.select_for_update().filter(pk__in=issued_by).order_by("pk"))
    if not runs:
        raise NothingIssued(period)
    for run in runs:
        if run.delivering_since is None:
            run.delivering_since = timezone.now()
            run.save(update_fields=["delivering_since"])
            journal.record(act="delivery started", subject=f"run:{run.pk}", period=str(period))
