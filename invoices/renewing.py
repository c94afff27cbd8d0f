"""A timestamp is a proof until its authority's certificates end: before that, one more is put over the whole file.

The old bytes are kept: the renewed file is another Document that names the one before, and begins with its bytes. A lower
level becomes B-LTA, since what proves a file must last as long as the file is kept (LPF L102 B; C. com. L123-22). What a
B-T file lacks for it is asked for now, while the issuers of its seal still answer; where they do not, it waits and says so.
"""

import datetime as dt
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from invoices import leasing, recording, timestamping
from invoices.models import Document, Due, Pades, Unshelved
from invoices.production import certificate_of, original
from invoices.sealing.keys import Home
from invoices.sealing.prolonging import chain_of_seal
from invoices.sealing.verification import verify
from selfbilling.errors import Unavailable

BEFORE = dt.timedelta(days=365)
"""How long before the end of its proof a timestamp is renewed."""


class NothingGained(Unavailable):
    """The authorities' own certificates end no later than what is to be renewed."""

    def __init__(self, ends: dt.datetime) -> None:
        super().__init__(
            f"The timestamp authority's own certificates end on {ends:%Y-%m-%d}: a new timestamp would prove nothing for longer. "
            "Configure an authority whose certificates end later."
        )


def plan() -> int:
    """Write down which sealed files want a new timestamp, as rows of Due; returns how many wait now."""
    newest = Document.objects.filter(renewed_by=None, timestamp_ends__lte=timezone.now() + BEFORE, unshelved=None)
    invoices = newest.order_by("timestamp_ends", "invoice_id").values_list("invoice_id", flat=True)
    Due.objects.bulk_create((Due(invoice_id=pk, step=Due.Step.RENEW) for pk in invoices), ignore_conflicts=True)
    return to_renew().count()


def to_renew() -> QuerySet[Due]:
    """What waits for a new timestamp, or with one for the archive; put off or not."""
    of_renewal = Q(step=Due.Step.SHELVE, invoice__unshelved__document__renews__isnull=False)
    return Due.objects.filter(Q(step=Due.Step.RENEW) | of_renewal).order_by("invoice_id")


def renew(ids: Collection[int]) -> int:
    """Give those of these invoices' files that wait for it a new timestamp; returns how many.

    Raises Unavailable: what was done before stays done, the others stay due with what was said.
    """
    if not leasing.any_due(Due.Step.RENEW, ids=ids):
        return 0
    return sum(_renew_one(invoice_id) for invoice_id in ids)


def _renew_one(invoice_id: int) -> int:
    with leasing.claimed(Due.Step.RENEW, ids=[invoice_id]) as claimed:
        if not claimed:
            return 0
        before = Document.objects.select_related("invoice").get(invoice_id=invoice_id, renewed_by=None)
        renewed = _renewed(before)
        with transaction.atomic():
            rows = leasing.still_ours(claimed)
            if rows:
                document = recording.document(before.invoice, verified=renewed, home=Home(before.key_home), renews=before)
                document.save()
                Unshelved.objects.create(invoice=before.invoice, document=document, key_home=before.key_home, data=renewed.pdf)
                Due.objects.create(invoice=before.invoice, step=Due.Step.SHELVE)
                Due.objects.filter(pk__in=[row.pk for row in rows]).delete()
            return len(rows)


def _renewed(before: Document) -> recording.Verified:
    """The file with the proof for its last timestamp and one more over all of it. Raises Unavailable, SealNotVerified."""
    pdf, ours = original(before), certificate_of(before)
    verdict = verify(pdf, ours=ours, authorities=settings.TIMESTAMP_ROOTS)
    if not verdict.ours or not verdict.timestamps:
        raise recording.SealNotVerified(f"the archived file of {before.invoice.number} does not verify: {verdict.why}")
    data = timestamping.proof(verdict.timestamps[-1].chain)
    if before.pades == Pades.T:
        data |= timestamping.proof(chain_of_seal(pdf))
    renewed = timestamping.archived(pdf, data=data)
    found = recording.verified(renewed, ours=ours, level=Pades.LTA, of=before.invoice)
    ends = found.verdict.renew_before
    if ends is not None and before.timestamp_ends is not None and ends <= before.timestamp_ends:
        raise NothingGained(ends)
    return found
