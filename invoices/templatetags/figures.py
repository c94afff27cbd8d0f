"""{% load figures %}: amounts, days and months as people read them, in the language of the page; nothing for None."""

import datetime as dt
from decimal import Decimal

from django import template
from django.template import defaultfilters
from django.utils import timezone, translation

from selfbilling import words
from selfbilling.typeface import THIN

register = template.Library()
Day = dt.date | dt.datetime
_UNITS = {"C62": "", "H87": "", "EA": "", "DAY": "d", "HUR": "h", "MON": "months", "KGM": "kg"}  # UN/ECE Rec 20


@register.filter
def amount(value: Decimal | None) -> str:
    """EUR: « 1 234,56 € », "€1,234.56"; narrow spaces that never break, a true minus."""
    if value is None:
        return ""
    if _in_french():
        return words.euros(value)
    return f"{'−' if round(value, 2) < 0 else ''}€{abs(value):,.2f}"


@register.filter
def price(value: Decimal | None) -> str:
    """A unit price in EUR: up to four decimals, two at least: « 0,385 € », "€0.385"."""
    if value is None:
        return ""
    digits = f"{value:.4f}"
    places = 4 - min(len(digits) - len(digits.rstrip("0")), 2)
    return f"{words.number(value, places=places)}{THIN}€" if _in_french() else f"€{value:,.{places}f}"


@register.filter
def percent(value: Decimal | None) -> str:
    """A rate in per cent: « 20 % », « 5,5 % », "20%"."""
    if value is None:
        return ""
    return words.percent(value) if _in_french() else f"{value:.2f}".rstrip("0").rstrip(".") + "%"


@register.filter
def count(value: int | None) -> str:
    """Units: « 14 212 », "14,212"; a true minus."""
    if value is None:
        return ""
    return words.number(Decimal(value), places=0) if _in_french() else f"{value:,}".replace("-", "−")


@register.filter
def units(value: int, unit_code: str) -> str:
    """Units with their name where it is more than a piece (UN/ECE Rec 20): « 1 120 », « 3 h »."""
    return words.quantity(value, unit_code=unit_code) if _in_french() else f"{count(value)} {_UNITS.get(unit_code, unit_code)}".strip()


@register.filter
def day(value: Day | None) -> str:
    """« 2 novembre 2026 », "2 November 2026"; of an instant its day in Paris. It never breaks."""
    if value is None:
        return ""
    when = _in_paris(value)
    return words.day(when) if _in_french() else defaultfilters.date(when, "j F Y").replace(" ", words.FIXED)


@register.filter
def day_of_month(value: Day | None) -> str:
    """A day whose year is known: « 2 novembre », "2 November"."""
    return day(value).rpartition(words.FIXED)[0]


@register.filter
def month(value: Day | None) -> str:
    """« octobre 2026 », "October 2026": the month of that day."""
    return day(value).partition(words.FIXED)[2]


@register.filter
def month_name(value: Day | None) -> str:
    """« octobre », "October": the month of that day, without its year."""
    return month(value).partition(words.FIXED)[0]


@register.filter
def moment(value: dt.datetime | None) -> str:
    """An instant, in Paris: « 2 novembre 2026 à 14 h 05 », "2 November 2026 at 14:05"."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    if _in_french():
        return f"{day(value)} à {local.hour}{words.FIXED}h{words.FIXED}{local:%M}"
    return f"{day(value)} at {local:%H:%M}"


@register.filter
def listed(values: list[str]) -> str:
    """« a, b et c », "a, b and c"."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} {'et' if _in_french() else 'and'} {values[-1]}"


def _in_french() -> bool:
    """French, unless the page is in another language that we speak."""
    return (translation.get_language() or "fr").startswith("fr")


def _in_paris(value: Day) -> dt.date:
    return timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
