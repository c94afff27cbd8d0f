"""register.csv, held.csv and the sealed files of a month, for the operator's own books (docs/files.md, Out).

Two exports are the same bytes.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from django.db.models import Prefetch

from invoices import production
from invoices.models import Document, Held, Invoice, Run
from invoices.period import Period
from selfbilling.counting import counted
from selfbilling.errors import Refused, Unavailable

REGISTER = (
    "relay_code",
    "number",
    "type_code",
    "issue_date",
    "period",
    "due_date",
    "currency",
    "net_total",
    "vat_total",
    "gross_total",
    "vat_breakdown",
    "sha256",
    "file",
    "delivery",
)
HELD = ("relay_code", "reason", "detail")
Progress = Callable[[int], object]


class NotArchived(Refused):
    """An invoice of the month is not in the archive yet."""

    def __init__(self, period: Period, waiting: int) -> None:
        super().__init__(f"{counted(waiting, 'invoice')} of {period} not archived yet: run `issue {period}` until it says done")


class NeverBilled(Refused):
    """The month has no run."""

    def __init__(self, period: Period) -> None:
        super().__init__(f"{period} was never billed: nothing to export")


class FolderUnusable(Refused):
    """The folder holds other files, or cannot be written."""


def export(period: Period, folder: Path, *, progress: Progress) -> int:
    """Write <number>.pdf for each invoice of the month, register.csv and held.csv into the folder; returns how many invoices.

    The folder is made if need be; a file that is there already is written anew. progress: called after each invoice.
    Raises NeverBilled, NotArchived, FolderUnusable, or Unavailable if archive or disk fail.
    """
    if not Run.objects.filter(period=period.first).exists():
        raise NeverBilled(period)
    invoices = list(invoices_of(period))
    waiting = [i for i in invoices if not i.documents.all() or hasattr(i.documents.all()[0], "unshelved")]
    if waiting:
        raise NotArchived(period, len(waiting))
    try:
        _prepare(folder, keep={f"{invoice.number}.pdf" for invoice in invoices})
        for invoice in invoices:
            _write(folder / f"{invoice.number}.pdf", production.original(invoice.documents.all()[0]))
            progress(1)
        _write(folder / "register.csv", table(REGISTER, (register_row(invoice) for invoice in invoices)))
        _write(folder / "held.csv", table(HELD, held_rows(period)))
    except OSError as error:
        raise Unavailable(f"cannot write to {folder}: {error.strerror}") from error
    return len(invoices)


def invoices_of(period: Period) -> Iterable[Invoice]:
    """The month's invoices with their documents, newest first, and VAT totals; sorted by relay code."""
    documents = Document.objects.select_related("unshelved").order_by("-sealed_at", "-pk")
    return (
        Invoice.objects.filter(period=period.first)
        .select_related("relay")
        .prefetch_related("vat_totals", Prefetch("documents", queryset=documents))
        .order_by("relay__code", "number")
    )


def register_row(invoice: Invoice) -> Sequence[object]:
    """One row of register.csv. Amounts in EUR with two decimals."""
    treatments = sorted(invoice.vat_totals.all(), key=lambda t: (t.category != "S", t.category, t.rate))
    return (
        invoice.relay.code,
        invoice.number,
        invoice.type_code,
        invoice.issue_date.isoformat(),
        f"{invoice.period:%Y-%m}",
        invoice.due_date.isoformat(),
        invoice.currency,
        invoice.net,
        invoice.vat,
        invoice.gross,
        "|".join(f"{t.category}:{t.rate}:{t.base}:{t.vat}" for t in treatments),
        invoice.documents.all()[0].sha256,
        f"{invoice.number}.pdf",
        invoice.channel,
    )


def held_now(period: Period) -> Iterable[Held]:
    """The relays that the month's latest run holds and that have no invoice of the month, by relay code."""
    latest = Run.objects.filter(period=period.first).exclude(state=Run.State.WITHDRAWN).order_by("-pk").first()
    invoiced = Invoice.objects.filter(period=period.first).values("relay")
    return Held.objects.filter(run=latest).exclude(relay__in=invoiced).select_related("relay").order_by("relay__code")


def held_rows(period: Period) -> Iterable[Sequence[object]]:
    """The rows of held.csv."""
    return ((held.relay.code, held.reason, held.detail) for held in held_now(period))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file: `,`, UTF-8 without BOM, LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _prepare(folder: Path, *, keep: set[str]) -> None:
    """Make the folder; it may hold an earlier export of the month, but no other PDF."""
    if folder.exists() and not folder.is_dir():
        raise FolderUnusable(f"{folder} is not a folder: name one, or one to make")
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(file.name for file in folder.glob("*.pdf") if file.name not in keep)
    if others:
        raise FolderUnusable(f"{folder} holds other PDF files ({others[0]}…): name an empty folder, or one to make")


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all: a temporary name, then the final one."""
    temporary = file.with_name(f".{file.name}.writing")
    temporary.write_bytes(data)
    os.replace(temporary, file)
