"""Arguments that several commands take."""

from argparse import ArgumentTypeError

from invoices.period import Period


def period(text: str) -> Period:
    """A month, YYYY-MM. Raises argparse's error, so status 2."""
    try:
        return Period.named(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
