"""Paper batches: claimed in one transaction, then written to their folder; killed in between, written again, the same.

PAPER_DIR/<period>/batch-<number>/letters.pdf is what is printed, manifest.csv what is in it. The manifest is written
last: where it is, the batch is complete.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from invoices import production
from invoices.delivery import due, whole
from invoices.delivery.letters import Letter, Place, put_together
from invoices.document.content import Party
from invoices.models import Delivery, Document, Due, Invoice, PaperBatch, Run
from invoices.period import Period
from invoices.register import table
from selfbilling import journal
from selfbilling.errors import Unavailable

AT_MOST = 500
"""Invoices in one batch: a PDF that any print shop opens, and little to do again after a kill."""
MANIFEST = (
    "sequence",
    "relay_code",
    "number",
    "first_page",
    "pages",
    "name",
    "trade_name",
    "address_line1",
    "address_line2",
    "postcode",
    "city",
    "country",
    "sha256",
    "letters_sha256",
)


class PaperUnavailable(Unavailable):
    """The folder of paper batches cannot be written."""


@transaction.atomic
def claim(period: Period) -> list[int]:
    """Put the invoices that go on paper now into batches of that month; returns the ids of those of its batches still to be written.

    Of the month itself, and of the months before: an e-mail of theirs came back, or a person moved them to paper, since.
    """
    runs = Run.objects.select_for_update().filter(period__lte=period.first, delivering_since__isnull=False)
    list(runs.order_by("pk"))  # one at a time, or both would claim
    rows = due.on_paper().filter(invoice__period__lte=period.first).select_related("invoice__relay")
    invoices = _in_order([row.invoice for row in rows])
    letters = Delivery.objects.filter(invoice__in=invoices, channel=Invoice.Channel.PAPER)
    tried = dict(letters.values_list("invoice").annotate(last=Max("attempt")))
    number = PaperBatch.objects.filter(period=period.first).aggregate(last=Max("number"))["last"] or 0
    for start in range(0, len(invoices), AT_MOST):
        number += 1
        batch = PaperBatch.objects.create(period=period.first, number=number)
        Delivery.objects.bulk_create(
            Delivery(invoice=invoice, channel=Invoice.Channel.PAPER, batch=batch, attempt=tried.get(invoice.pk, 0) + 1)
            for invoice in invoices[start : start + AT_MOST]
        )
    return list(PaperBatch.objects.filter(period=period.first, written_at=None).order_by("number").values_list("pk", flat=True))


def months_left() -> list[Period]:
    """The months, oldest first, that have an invoice for the next paper batch, or a batch that was claimed and not written."""
    waiting = set(due.on_paper().values_list("invoice__period", flat=True))
    claimed = set(PaperBatch.objects.filter(written_at=None).values_list("period", flat=True))
    return [Period(first) for first in sorted(waiting | claimed)]


def _in_order(invoices: Sequence[Invoice]) -> list[Invoice]:
    """By postcode, as the post sorts and gives its rebates for, then by relay."""
    return sorted(invoices, key=lambda invoice: (invoice.seller["postcode"], invoice.relay.code, invoice.number))


@transaction.atomic
def write(batch_id: int) -> int:
    """Write a claimed batch and say that its invoices are sent; returns how many (0: somebody else has written it).

    Whoever writes it holds its row meanwhile. Raises PaperUnavailable, or Unavailable if the archive cannot be read; then
    the batch waits.
    """
    batch = PaperBatch.objects.select_for_update().get(pk=batch_id)
    if batch.written_at is not None:
        return 0
    invoices = _in_order(list(Invoice.objects.filter(deliveries__batch=batch).select_related("relay")))
    letters = [_letter(invoice) for invoice in invoices]
    pdf, places = put_together(letters)
    batch.sha256 = hashlib.sha256(pdf).hexdigest()
    rows = _manifest(invoices, letters=letters, places=places, letters_sha256=batch.sha256)
    _to_folder(folder(batch), pdf=pdf, manifest=table(MANIFEST, rows))
    _say_sent(batch, invoices)
    return len(invoices)


def folder(batch: PaperBatch) -> Path:
    """Where a batch lies."""
    return Path(settings.PAPER_DIR) / f"{batch.period:%Y-%m}" / f"batch-{batch.number:03d}"


def _letter(invoice: Invoice) -> Letter:
    document = Document.objects.filter(invoice=invoice).latest("sealed_at", "pk")
    return Letter(pdf=production.original(document), sha256=document.sha256)


def _manifest(
    invoices: Sequence[Invoice], *, letters: Sequence[Letter], places: Sequence[Place], letters_sha256: str
) -> Iterator[Sequence[object]]:
    for sequence, (invoice, letter, place) in enumerate(zip(invoices, letters, places, strict=True), start=1):
        seller = Party(**{key: value for key, value in invoice.seller.items() if key != "vat_on_debits"})
        yield (
            sequence,
            invoice.relay.code,
            invoice.number,
            place.first_page,
            place.pages,
            seller.official_name,
            seller.trade_name,
            seller.address_line1,
            seller.address_line2,
            seller.postcode,
            seller.city,
            seller.country,
            letter.sha256,
            letters_sha256,
        )


def _to_folder(place: Path, *, pdf: bytes, manifest: bytes) -> None:
    try:
        whole.make_folder(place)
        whole.write(place / "letters.pdf", pdf)
        whole.write(place / "manifest.csv", manifest)
    except OSError as error:
        raise PaperUnavailable(
            f"The paper batch cannot be written to {place}: {error.strerror}. Nothing is lost; "
            "run the same command again once this is mended."
        ) from error


def _say_sent(batch: PaperBatch, invoices: Sequence[Invoice]) -> None:
    batch.written_at = timezone.now()
    batch.save(update_fields=["written_at", "sha256"])
    batch.deliveries.update(state=Delivery.State.SENT, sent_at=batch.written_at)
    Due.objects.filter(invoice__in=invoices, step=Due.Step.DELIVER).delete()
    journal.record(act="paper batch written", subject=f"paper_batch:{batch}", invoices=len(invoices), sha256=batch.sha256)
    journal.record_each(act="put on paper", details={f"invoice:{invoice.number}": {"batch": str(batch)} for invoice in invoices})
