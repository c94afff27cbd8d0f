"""Why a relay is held: the sentences, kept and said by commands in English, read on a page in the language of the page."""

import datetime as dt
import re
from decimal import Decimal

from django.utils.translation import gettext_noop

from invoices.templatetags import figures
from selfbilling.tabular.saying import translated

ISSUE_DATE_NOT_COVERED = gettext_noop(
    "the issue date %(day)s is not covered by an approved mandate: have one approved that is valid on that day"
)
NOT_COVERED = gettext_noop("%(day)s is not covered by an approved mandate: have one approved that is valid on that day")
NO_REGIME = gettext_noop("no VAT regime on %(day)s: import one that starts on that day or before")
NO_VAT_NUMBER = gettext_noop("vat_number is empty although VAT is charged on %(charged)s: import it with the regime in force on %(last)s")
EMPTY_ON_ISSUE_DATE = gettext_noop("%(columns)s empty on the issue date %(day)s: import it")
ONE_EMPTY = gettext_noop("%(columns)s empty: import it")
SEVERAL_EMPTY = gettext_noop("%(columns)s empty: import them")
NO_TARIFF = gettext_noop("no tariff of %(services)s in force in %(month)s: import one, valid from that month or before")
NEGATIVE = gettext_noop("net %(net)s, gross %(gross)s: carry part of the negative adjustments over to a later month")
LINE_TOO_LARGE = gettext_noop("%(label)s: %(quantity)s × %(price)s EUR is more than an invoice holds: check the figures")
TOO_LARGE = gettext_noop("net %(net)s, gross %(gross)s is more than an invoice holds: check the figures")

_ALL = (
    ISSUE_DATE_NOT_COVERED,  # before the one that would take its first words for a day
    NOT_COVERED,
    NO_REGIME,
    NO_VAT_NUMBER,
    EMPTY_ON_ISSUE_DATE,
    ONE_EMPTY,
    SEVERAL_EMPTY,
    NO_TARIFF,
    NEGATIVE,
    LINE_TOO_LARGE,
    TOO_LARGE,
)
_FIGURE = re.compile(r"(?P<day>\b\d{4}-\d\d-\d\d\b)|(?P<month>\b\d{4}-\d\d\b)|(?P<amount>-?\b\d+\.\d\d\b(?! EUR))")


def in_words(detail: str) -> str:
    """A held relay's detail in the language of the page; a rule's own text and a person's reason stay as they are."""
    said = translated(detail, known=_ALL)
    return said if said == detail else _FIGURE.sub(_figure, said)


def _figure(found: re.Match[str]) -> str:
    text = found[0]
    if found["day"]:
        return figures.day(dt.date.fromisoformat(text))
    if found["month"]:
        return figures.month(dt.date.fromisoformat(f"{text}-01"))
    return figures.amount(Decimal(text))
