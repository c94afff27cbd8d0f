"""Sealed files for the relay's people: the archived bytes, the XML inside them; the first download is journaled."""

import io
from collections.abc import Collection, Iterator, Sequence

import pikepdf
from django.db import transaction
from django.db.models import QuerySet

from invoices.document.pdfa import FILE_NAME
from invoices.models import Document, Invoice
from relays.models import Person
from selfbilling import journal
from selfbilling.models import JournalEntry

ACT = "downloaded"
_AT_ONCE = 100


def documents_of(invoices: QuerySet[Invoice]) -> QuerySet[Document]:
    """The newest sealed file of each of these invoices, in the order of their numbers; one not sealed yet has none."""
    return Document.objects.filter(invoice__in=invoices.order_by(), renewed_by=None).select_related("invoice").order_by("invoice__number")


def one_by_one(documents: QuerySet[Document]) -> Iterator[Document]:
    """The same, a hundred in memory at a time: by queries that end, since a stream may be given up halfway (and a server's
    cursor that is left open is closed whenever it pleases, in the middle of another query too)."""
    ids = list(documents.values_list("pk", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        yield from documents.filter(pk__in=ids[start : start + _AT_ONCE])


def factur_x(pdf: bytes) -> bytes:
    """The XML that lies in a sealed PDF, byte for byte as it was embedded (Factur-X 1.0, §6.2.1)."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return opened.attachments[FILE_NAME].get_file().read_bytes()


@transaction.atomic
def downloaded(numbers: Sequence[str], *, by: Person) -> int:
    """Journal that this person has these invoices now, once for each person and invoice; returns how many were new to them."""
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # one after another, so that nothing is journaled twice
    new = sorted(set(numbers) - had_by(by, numbers=numbers))
    journal.record_each(act=ACT, details={subject(number): {} for number in new}, by=by)
    return len(new)


def had_by(person: Person, *, numbers: Collection[str]) -> set[str]:
    """Which of these invoices that person has downloaded."""
    subjects = {subject(number): number for number in numbers}
    entries = JournalEntry.objects.filter(by=person, act=ACT, subject__in=subjects)
    return {subjects[found] for found in entries.values_list("subject", flat=True)}


def subject(number: str) -> str:
    """What the journal calls that invoice."""
    return f"invoice:{number}"
