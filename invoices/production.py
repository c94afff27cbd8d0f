"""Due → rendered → sealed → verified → Document, some ids at a time; then shelved. Nothing is sealed twice.

The row in Due is the claim: locked while the bytes are made, deleted with the insertion of what was made. Killed at
any moment, the same Due is left. Several processes share the work: a row that another one holds is skipped. Where the
level wants a timestamp, what was sealed waits for it as Unshelved, without a Document (see timestamping). A key behind
a network signs between two transactions, over rows that are claimed.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from invoices import leasing, papers, recording, rendering
from invoices.archive.store import Store
from invoices.choosing_key import is_elsewhere, seal_key
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.models import Document, Due, Invoice, Pades, Unshelved
from invoices.papers import Paper
from invoices.recording import Verified
from invoices.sealing.keys import Home, SealKey, fingerprint
from invoices.sealing.levels import Level, level_of
from invoices.sealing.prolonging import ROOM
from invoices.sealing.seal import prepare, seal


@cache
def archive() -> Store:
    """The write-once archive."""
    return Store(settings.ARCHIVE_DIR)


def our_certificates() -> dict[str, Home]:
    """The certificates that sealed our invoices, by fingerprint, with the home of each key."""
    return {sha256: Home(home) for sha256, home in Document.objects.values_list("certificate_sha256", "key_home").distinct()}


def certificate_of(document: Document) -> dict[str, Home]:
    """The certificate that sealed that file, in the same form: where one's own file is judged, no other is looked for."""
    return {document.certificate_sha256: Home(document.key_home)}


def produce(ids: Collection[int]) -> int:
    """Render, seal and verify those of these invoices that wait for it; returns how many.

    Raises Unavailable if the key does not answer, or its certificate may not seal (nothing is written then);
    SealNotVerified if a seal that was just made does not verify.
    """
    if not leasing.any_due(Due.Step.SEAL, ids=ids):
        return 0
    key = seal_key()
    return _produce_elsewhere(ids, key=key) if is_elsewhere(key) else _produce_here(ids, key=key)


@transaction.atomic
def _produce_here(ids: Collection[int], *, key: SealKey) -> int:
    rows = leasing.due(Due.Step.SEAL, ids=ids)
    _write(rows, sealed=_sealed(rows, key=key), key=key)
    return len(rows)


def _produce_elsewhere(ids: Collection[int], *, key: SealKey) -> int:
    """Claimed and committed; many hashes signed in one authorisation; written in a second transaction."""
    with leasing.claimed(Due.Step.SEAL, ids=ids) as claimed:
        sealed = _sealed(claimed, key=key)
        with transaction.atomic():
            rows = leasing.still_ours(claimed)
            _write(rows, sealed=sealed, key=key)
            return len(rows)


def _sealed(rows: Sequence[Due], *, key: SealKey) -> dict[int, tuple[Invoice, Verified]]:
    """The invoices of these rows, each with its sealed and verified file, by id."""
    if not rows:
        return {}
    invoices = Invoice.objects.select_related("relay").prefetch_related("lines", "vat_totals").in_bulk([row.invoice_id for row in rows])
    paper = papers.paper_of(list(invoices.values()))
    at = timezone.now().replace(microsecond=0)
    room = 0 if settings.SEAL_LEVEL == Pades.B else ROOM
    prepared = [prepare(_unsealed(one, key=key, paper=paper), key=key, at=at, room=room) for one in invoices.values()]
    signatures = key.sign([one.to_sign for one in prepared])
    ours = {fingerprint(key.chain[0]): key.home}
    files = (one.sealed(signature) for one, signature in zip(prepared, signatures, strict=True))
    return {
        pk: (invoice, recording.verified(pdf, ours=ours, level=Pades.B, of=invoice))
        for (pk, invoice), pdf in zip(invoices.items(), files, strict=True)
    }


def _write(rows: Sequence[Due], *, sealed: Mapping[int, tuple[Invoice, Verified]], key: SealKey) -> None:
    """Keep what was sealed: as it is, or until it has the timestamp that the level wants."""
    documents: dict[int, Document] = {}
    if settings.SEAL_LEVEL == Pades.B:
        new = Document.objects.bulk_create(
            recording.document(sealed[row.invoice_id][0], verified=sealed[row.invoice_id][1], home=key.home) for row in rows
        )
        documents = {document.invoice_id: document for document in new}
    Unshelved.objects.bulk_create(
        Unshelved(invoice_id=row.invoice_id, document=documents.get(row.invoice_id), key_home=key.home, data=sealed[row.invoice_id][1].pdf)
        for row in rows
    )
    following = Due.Step.SHELVE if settings.SEAL_LEVEL == Pades.B else Due.Step.TIMESTAMP
    Due.objects.bulk_create(Due(invoice_id=row.invoice_id, step=following) for row in rows)
    Due.objects.filter(pk__in=[row.pk for row in rows]).delete()


def sealed_bytes(invoice: Invoice, *, key: SealKey, at: dt.datetime) -> bytes:
    """The PDF of an issued invoice, sealed at that instant (B-B). Made once in an invoice's life: these bytes are the invoice."""
    return seal(_unsealed(invoice, key=key, paper=papers.paper_of([invoice])), key=key, at=at)


def _unsealed(invoice: Invoice, *, key: SealKey, paper: Paper) -> bytes:
    content = rendering.content(
        invoice,
        lines=invoice.lines.all(),
        vat_totals=invoice.vat_totals.all(),
        test=level_of(key.chain, home=key.home) == Level.TEST,
        paper=paper,
    )
    return unsealed(content, cii(content))


@transaction.atomic
def shelve(ids: Collection[int]) -> int:
    """Put the sealed bytes of these invoices into the archive (which reads them back); returns how many.

    Raises Unavailable (a full disk, a folder that cannot be written): what was written stays, under the same names.
    """
    rows = leasing.due(Due.Step.SHELVE, ids=ids)
    unshelved = list(Unshelved.objects.select_related("document").filter(invoice_id__in=[row.invoice_id for row in rows]))
    _put(unshelved)
    Unshelved.objects.filter(pk__in=[one.pk for one in unshelved]).delete()
    renewed = {one.invoice_id for one in unshelved if one.document and one.document.renews_id}  # was delivered long ago
    Due.objects.bulk_create(Due(invoice_id=row.invoice_id, step=Due.Step.DELIVER) for row in rows if row.invoice_id not in renewed)
    Due.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _put(unshelved: Sequence[Unshelved]) -> None:
    store = archive()
    for one in unshelved:
        if one.document is None:
            raise ValueError(f"what was sealed of invoice {one.invoice_id} is not at its level yet")
        sha256 = store.put(bytes(one.data))
        if sha256 != one.document.sha256:
            raise ValueError(f"the bytes of document {one.document_id} are not those that were sealed")


def original(document: Document) -> bytes:
    """The sealed bytes: from the archive, or from where they wait for it. What is mailed, downloaded and exported.

    Raises Unavailable if the archive cannot be read.
    """
    waiting = Unshelved.objects.filter(document=document).first()
    return bytes(waiting.data) if waiting else archive().get(document.sha256)
