"""Looking at drafts before anybody approves them: the official schematrons, in parallel, and what is odd."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from statistics import median

from django.db import connection
from django.utils.translation import gettext, gettext_noop

from invoices.document.content import Content
from invoices.document.rules import refusals
from invoices.judging import Rated
from invoices.money import to_cent
from invoices.period import Period
from selfbilling.pool import all_cores

_CHUNK = 10
_NOT_WORTH_PROCESSES = 10
"""Chunks that one process has judged before others have started and compiled the rules."""
FAR = Decimal(3)
"""Net more than three times, or less than a third of, the median of the last months: far from its own."""

Progress = Callable[[int], object]


def refused(contents: Iterable[Content], *, done: Progress) -> Iterator[str]:
    """Which official rule refuses each content, in order ("" if none does); on all cores. done: called with how many were judged."""
    chunks = list(_chunked(contents))
    if len(chunks) <= _NOT_WORTH_PROCESSES:
        for chunk in chunks:
            yield from _counted(refusals(chunk), done)
        return
    with all_cores(tasks=len(chunks)) as pool:
        for answers in pool.map(refusals, chunks):
            yield from _counted(answers, done)


def _counted(answers: list[str], done: Progress) -> list[str]:
    done(len(answers))
    return answers


def _chunked(contents: Iterable[Content]) -> Iterator[list[Content]]:
    iterator = iter(contents)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


Oddity = dict[str, str]
"""What is odd about a draft: a sentence in English under "said", and what fills its places."""
FIRST_INVOICE: Oddity = {"said": gettext_noop("first invoice")}


def in_words(odd: Oddity) -> str:
    """An oddity as a sentence, in the language of the page."""
    sentence = odd["said"]
    return gettext(sentence) % odd


def oddities(rated: Sequence[Rated], *, period: Period) -> dict[int, list[Oddity]]:
    """What is odd, by relay id: shown, holding nobody. Compared with the relay's last three months."""
    before = _net_by_service(period)
    found: dict[int, list[Oddity]] = {}
    for one in rated:
        months = before.get(one.month.relay.pk)
        if not months:
            found[one.month.relay.pk] = [FIRST_INVOICE]
            continue
        if odd := _odd(one, months):
            found[one.month.relay.pk] = odd
    return found


def _odd(one: Rated, months: dict[str, list[Decimal]]) -> list[Oddity]:
    odd: list[Oddity] = []
    usual = median(months[""])
    if usual > 0 and not usual / FAR <= one.net <= usual * FAR:
        said = gettext_noop("net %(net)s is far from its last months' %(usual)s")
        odd.append({"said": said, "net": str(one.net), "usual": str(to_cent(usual))})
    done = {line.service_code for line in one.lines}
    said = gettext_noop("no %(service)s, though the last months had some")
    odd += [{"said": said, "service": code} for code in sorted(months) if code and code not in done]
    return odd


def _net_by_service(period: Period) -> dict[int, dict[str, list[Decimal]]]:
    """By relay id, of the three months before: the invoices' nets under "", each service's under its code."""
    first = period.previous.previous.previous.first
    months: dict[int, dict[str, list[Decimal]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.relay_id, '', i.net FROM invoices_invoice i WHERE i.period >= %(first)s AND i.period < %(period)s
            UNION ALL
            SELECT i.relay_id, l.service_code, sum(l.net)
            FROM invoices_invoice i JOIN invoices_invoiceline l ON l.invoice_id = i.id
            WHERE i.period >= %(first)s AND i.period < %(period)s AND l.service_code <> ''
            GROUP BY i.relay_id, i.id, l.service_code
            """,
            {"first": first, "period": period.first},
        )
        for relay_id, code, net in cursor.fetchall():
            months.setdefault(relay_id, {}).setdefault(code, []).append(net)
    return months
