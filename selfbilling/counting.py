"""A number of things in English, as commands say it; pages have gettext's plurals."""


def counted(number: int, thing: str, things: str = "") -> str:
    """ "1 invoice", "2 invoices", "0 invoices". things: the plural where it is not thing + "s"."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
