"""More months of one relay, as rows: made out of an issued invoice, in seconds for years of them."""

import datetime as dt
import hashlib

from django.db import transaction

from invoices.models import Document, Invoice, InvoiceLine, VatTotal
from invoices.period import Period


def after(invoice: Invoice, *, months: int, sealed: bool = False) -> list[Invoice]:
    """That invoice again for each of the following months, issued on the 2nd of the next. sealed: with a file's row, but no file."""
    made = [invoice]
    for _ in range(months):
        made.append(_next(made[-1]))
    if sealed:
        for one in made:
            _seal(one)
    return made[1:]


@transaction.atomic
def _next(one: Invoice) -> Invoice:
    lines, totals = list(one.lines.all()), list(one.vat_totals.all())
    month = Period(Period(one.period).last + dt.timedelta(days=1))
    issue_date = month.last + dt.timedelta(days=2)
    rank = one.rank + 1 if issue_date.year == one.year else 1
    delay = dt.timedelta(days=30)
    fields = {field.attname: getattr(one, field.attname) for field in Invoice._meta.concrete_fields if field.attname not in {"id", "token"}}
    fields |= {"period": month.first, "first_day": month.first, "last_day": month.last}
    fields |= {"year": issue_date.year, "rank": rank, "number": f"{one.relay.code}-{issue_date.year}-{rank:05d}"}
    fields |= {"issue_date": issue_date, "due_date": issue_date + delay, "contestable_until": issue_date + delay}
    made = Invoice.objects.create(**fields)
    for row in (*lines, *totals):
        row.pk = None
        setattr(row, "invoice", made)  # noqa: B010  (one of two models)
    InvoiceLine.objects.bulk_create(lines)
    VatTotal.objects.bulk_create(totals)
    return made


def _seal(one: Invoice) -> None:
    Document.objects.create(
        invoice=one,
        sha256=hashlib.sha256(one.number.encode()).hexdigest(),
        size=1,
        level="test",
        key_home="software",
        certificate_sha256="0" * 64,
        sealed_at=dt.datetime(2026, 11, 2, 10, 12, tzinfo=dt.UTC),
        retained_until=dt.date(2036, 12, 31),
    )
