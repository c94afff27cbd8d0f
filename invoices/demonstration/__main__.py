"""`python -m invoices.demonstration FOLDER`: write a demonstration network, by default 300 relays and last month."""

import argparse
import datetime as dt
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from invoices.demonstration import network


def last_month() -> str:
    """The month before today's, in Paris: "2026-10"."""
    today = dt.datetime.now(tz=ZoneInfo("Europe/Paris")).date()
    return f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"


def main() -> None:
    """Read the arguments and write the five files; exit status 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m invoices.demonstration", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--relays", type=int, default=300, metavar="N", help="40 or more")
    parser.add_argument("--month", action="append", metavar="YYYY-MM", help="may be repeated, in order")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    given = parser.parse_args()
    try:
        network.write(given.folder, relays=given.relays, months=given.month or [last_month()], seed=given.seed)
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(f"{given.folder}: {given.relays} relays\n")


if __name__ == "__main__":
    main()
