"""What is said of a file to somebody who looks at it: values as people read them, what is wrong in their language."""

import datetime as dt
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _

from selfbilling.tabular import sentences
from selfbilling.tabular.importing import Change
from selfbilling.tabular.reading import BadFile, Problem


class Said(NamedTuple):
    """A change in words; "" means empty. since: from when it holds, or ""."""

    before: str
    after: str
    since: str


def of_change(change: Change) -> Said:
    """The change in the language of the page."""
    since = ""
    if change.since is not None:
        since = _("from the beginning") if change.since == dt.date.min else _("from %(day)s") % {"day": _value(change.since)}
    return Said(_value(change.before), _value(change.after), since)


def of_problem(problem: Problem, *, known: tuple[str, ...]) -> Problem:
    """The problem with its reason and remedy in the language of the page. known: the sentences of that kind of file."""
    return problem._replace(reason=translated(problem.reason, known=known), remedy=translated(problem.remedy, known=known))


def of_file(bad: BadFile, file: Path | None) -> str:
    """Why the file cannot be read, in the language of the page, without the place where we keep it."""
    said = translated(str(bad).removeprefix(f"{file}: "), known=())
    return f"{said[:1].upper()}{said[1:]}."


def translated(sentence: str, *, known: tuple[str, ...]) -> str:
    """A sentence of sentences.ALL or of these, with its values, in the language of the page; any other one as it is."""
    for msgid, pattern in _patterns((*sentences.ALL, *known)):
        found = pattern.fullmatch(sentence)
        if found:
            return _(msgid) % found.groupdict()
    return sentence


@cache
def _patterns(known: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence with what matches it; %(name)s stands for any text."""
    return [(msgid, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*?)", re.escape(msgid)), re.DOTALL)) for msgid in known]


def _value(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, Decimal):
        return formats.number_format(value)
    return str(value)
