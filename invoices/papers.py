"""What the pages of some invoices carry beside what the law wants: letterhead, and the counts of each day as an annex."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from invoices import letterheads
from invoices.document.content import DayCount, Letterhead
from invoices.models import Activity, DraftLine, Invoice, InvoiceLine
from invoices.period import Period

Month = tuple[int, dt.date]
"""A relay's id and the first day of a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A letterhead, and by relay and month (day, service code, units); empty where the letterhead wants no annex."""

    letterhead: Letterhead
    counts: Mapping[Month, Sequence[tuple[dt.date, str, int]]]

    def counts_behind(self, invoice: Invoice, lines: Iterable[InvoiceLine | DraftLine]) -> tuple[DayCount, ...]:
        """The counts behind the lines of that invoice, day by day, its services in the order of the lines."""
        labels = {line.service_code: line.label for line in lines if line.tariff_set_id is not None}
        order = {code: place for place, code in enumerate(labels)}
        its = [count for count in self.counts.get((invoice.relay_id, invoice.period), ()) if count[1] in labels]
        its.sort(key=lambda count: (count[0], order[count[1]]))
        return tuple(DayCount(day=day, label=labels[code], quantity=quantity) for day, code, quantity in its)


PLAIN = Paper(letterhead=Letterhead(), counts={})
"""Where only the XML is wanted."""


def paper_of(invoices: Sequence[Invoice]) -> Paper:
    """The paper of these invoices, issued or not: two queries at most, however many they are."""
    letterhead = letterheads.in_use()
    counts = _counts(invoices) if letterhead is not None and letterhead.daily_annex else {}
    return Paper(letterhead=letterheads.drawn(letterhead), counts=counts)


def _counts(invoices: Sequence[Invoice]) -> dict[Month, list[tuple[dt.date, str, int]]]:
    """Corrections summed with what they correct; a day that comes to nothing is left out."""
    months = sorted({invoice.period for invoice in invoices})
    rows = (
        Activity.objects.filter(relay__in={invoice.relay_id for invoice in invoices})
        .filter(day__range=(months[0], Period(months[-1]).last))
        .values_list("relay_id", "day", "service_code")
        .annotate(units=Sum("quantity"))
        .exclude(units=0)
    )
    counts: defaultdict[Month, list[tuple[dt.date, str, int]]] = defaultdict(list)
    for relay_id, day, code, units in rows:
        counts[relay_id, day.replace(day=1)].append((day, code, units))
    return counts
