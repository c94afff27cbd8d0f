"""Due → rendered → sealed → verified → Document, some ids at a time; then shelved. Nothing is sealed twice.

The row in Due is the claim: locked while the bytes are made, deleted with the insertion of what was made. Killed at
any moment, the same Due is left. Several processes share the work: a row that another one holds is skipped.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from invoices import papers, rendering
from invoices.archive.store import Store
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.models import Document, Due, Invoice, Unshelved
from invoices.papers import Paper
from invoices.sealing.keys import Home, SealKey, fingerprint
from invoices.sealing.keys.demo import load_or_make
from invoices.sealing.keys.pkcs12 import open_pkcs12
from invoices.sealing.levels import Level, level_of
from invoices.sealing.seal import seal
from invoices.sealing.verification import verify

RETENTION_YEARS = 10  # C. com. L123-22; the tax law's six (LPF L102 B) end before


@cache
def seal_key() -> SealKey:
    """The operator's key, opened once per process; without one the demo's. Raises SealKeyUnavailable."""
    if settings.SEAL_PKCS12:
        return open_pkcs12(Path(settings.SEAL_PKCS12), password=settings.SEAL_PKCS12_PASSWORD)
    return load_or_make(settings.DATA_DIR / "demo-certificate")


@cache
def archive() -> Store:
    """The write-once archive."""
    return Store(settings.ARCHIVE_DIR)


def our_certificates() -> dict[str, Home]:
    """The certificates that sealed our invoices, by fingerprint, with the home of each key."""
    return {sha256: Home(home) for sha256, home in Document.objects.values_list("certificate_sha256", "key_home").distinct()}


def due(step: str, *, ids: Collection[int] | None = None, at_most: int | None = None) -> list[Due]:
    """Rows of that step that may be done now, locked until the transaction ends; rows that others hold are skipped.

    ids: of invoices; None: any.
    """
    rows = (
        Due.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(not_before=None) | Q(not_before__lte=timezone.now()), step=step)
        .order_by("invoice_id")
    )
    if ids is not None:
        rows = rows.filter(invoice_id__in=ids)
    return list(rows if at_most is None else rows[:at_most])


@transaction.atomic
def produce(ids: Collection[int]) -> int:
    """Render, seal and verify those of these invoices that wait for it; returns how many.

    Raises Unavailable if the key does not answer (nothing is written then), SealNotVerified if a seal that was just
    made does not verify.
    """
    rows = due(Due.Step.SEAL, ids=ids)
    if not rows:
        return 0
    key = seal_key()
    invoices = Invoice.objects.select_related("relay").prefetch_related("lines", "vat_totals").in_bulk([row.invoice_id for row in rows])
    paper = papers.paper_of(list(invoices.values()))
    sealed = [_sealed(invoices[row.invoice_id], key=key, paper=paper) for row in rows]
    documents = Document.objects.bulk_create(document for document, _ in sealed)
    Unshelved.objects.bulk_create(Unshelved(document=document, data=data) for document, (_, data) in zip(documents, sealed, strict=True))
    Due.objects.bulk_create(Due(invoice_id=row.invoice_id, step=Due.Step.SHELVE) for row in rows)
    Due.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


class SealNotVerified(Exception):  # noqa: N818  (our bug, or a key that is not the certificate's: never the user's mistake)
    """A seal that was just made does not verify; the invoice stays due."""


def sealed_bytes(invoice: Invoice, *, key: SealKey, at: dt.datetime, paper: Paper | None = None) -> bytes:
    """The PDF of an issued invoice, sealed at that instant. Called once in an invoice's life: these bytes are the invoice."""
    content = rendering.content(
        invoice,
        lines=invoice.lines.all(),
        vat_totals=invoice.vat_totals.all(),
        test=level_of(key.chain, home=key.home) == Level.TEST,
        paper=paper or papers.paper_of([invoice]),
    )
    return seal(unsealed(content, cii(content)), key=key, at=at)


def _sealed(invoice: Invoice, *, key: SealKey, paper: Paper) -> tuple[Document, bytes]:
    at = timezone.now().replace(microsecond=0)
    pdf = sealed_bytes(invoice, key=key, at=at, paper=paper)
    verdict = verify(pdf, ours={fingerprint(key.chain[0]): key.home})
    if not verdict.ours or verdict.level is None:
        raise SealNotVerified(f"the seal of {invoice.number} does not verify: {verdict.why}")
    document = Document(
        invoice=invoice,
        sha256=verdict.sha256,
        size=len(pdf),
        level=verdict.level,
        key_home=key.home,
        certificate_sha256=verdict.certificate,
        sealed_at=at,
        retained_until=retained_until(invoice.issue_date),
    )
    return document, pdf


def retained_until(issue_date: dt.date) -> dt.date:
    """The last day of retention: ten years from the end of the issue date's year, in which the accounts close."""
    return dt.date(issue_date.year + RETENTION_YEARS, 12, 31)


@transaction.atomic
def shelve(ids: Collection[int]) -> int:
    """Put the sealed bytes of these invoices into the archive (which reads them back); returns how many.

    Raises Unavailable (a full disk, a folder that cannot be written): what was written stays, under the same names.
    """
    rows = due(Due.Step.SHELVE, ids=ids)
    unshelved = Unshelved.objects.select_related("document").filter(document__invoice_id__in=[row.invoice_id for row in rows])
    _put(list(unshelved))
    unshelved.delete()
    Due.objects.bulk_create(Due(invoice_id=row.invoice_id, step=Due.Step.DELIVER) for row in rows)
    Due.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _put(unshelved: Sequence[Unshelved]) -> None:
    store = archive()
    for one in unshelved:
        sha256 = store.put(bytes(one.data))
        if sha256 != one.document.sha256:
            raise ValueError(f"the bytes of document {one.document_id} are not those that were sealed")


def original(document: Document) -> bytes:
    """The sealed bytes: from the archive, or from where they wait for it. What is mailed, downloaded and exported.

    Raises Unavailable if the archive cannot be read.
    """
    waiting = Unshelved.objects.filter(document=document).first()
    return bytes(waiting.data) if waiting else archive().get(document.sha256)
