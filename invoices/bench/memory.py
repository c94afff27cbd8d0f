"""A worker's memory over a month: `make bench-memory`.

    python -m invoices.bench.memory [--documents N]

One process that has loaded what a worker loads draws, seals and verifies that many different invoices, in lots as a worker
does. Its resident set is to stay below the bar, and to be after the last invoice what it was after the first 500.
The last line is for programs: RESULT peak_mb=… after_500_mb=… after_all_mb=…
"""

import argparse
import datetime as dt
import importlib
import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from invoices.bench.sample import invoice
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.sealing.keys import SealKey, fingerprint
from invoices.sealing.keys.demo import load_or_make
from invoices.sealing.seal import seal
from invoices.sealing.verification import verify

_LOT = 20  # invoices, as in invoices.working
_FIRST = 500
_MOST = 150.0  # MB of peak
_GROWTH = 2.0  # MB: half a kilobyte an invoice would be more
_PAGE = resource.getpagesize()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m invoices.bench.memory", description="A worker's memory over a month.")
    parser.add_argument("--documents", type=int, default=5000, metavar="N", help="more than 500; 5000")
    given = parser.parse_args()
    if given.documents <= _FIRST:
        parser.error(f"--documents: more than {_FIRST}, to have something to compare with")
    with TemporaryDirectory() as folder:
        _load_what_a_worker_loads(data_dir=Path(folder))
        loaded, sizes = _resident(), []
        key = load_or_make(Path(folder) / "demo")
        for first in range(0, given.documents, _LOT):
            _lot(range(first, min(first + _LOT, given.documents)), key=key)
            sizes.append(_resident())
    _say(loaded=loaded, first=sizes[_FIRST // _LOT - 1], last=sizes[-1], documents=given.documents)


def _load_what_a_worker_loads(*, data_dir: Path) -> None:
    """Django, Celery and all tasks; nothing is started, and nothing left in var/."""
    os.environ |= {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "selfbilling.settings"}
    django.setup()
    for module in ("celery.apps.worker", "celery.concurrency.prefork"):
        importlib.import_module(module)
    importlib.import_module("selfbilling.celery").app.loader.import_default_modules()


def _lot(ranks: range, *, key: SealKey) -> None:
    """Some invoices; like a worker, keep all of them until the last one is sealed. Raises RuntimeError."""
    ours = {fingerprint(key.chain[0]): key.home}
    sealed = []
    for rank in ranks:
        content = invoice(rank)
        sealed.append(seal(unsealed(content, cii(content)), key=key, at=dt.datetime.now(dt.UTC)))
        verdict = verify(sealed[-1], ours=ours)
        if not verdict.ours:
            raise RuntimeError(verdict.why)


def _resident() -> float:
    """This process's resident set, in MB (10⁶ bytes)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6


def _highest() -> float:
    """The highest that it ever was since this program began, in MB."""
    said = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(said.split()[1]) * 1024 / 1e6


def _say(*, loaded: float, first: float, last: float, documents: int) -> None:
    peak = _highest()
    for label, size in (("a worker's code is loaded", loaded), (f"after {_FIRST} invoices", first), (f"after {documents} invoices", last)):
        sys.stdout.write(f"{label:<30}{size:>8.1f} MB\n")
    for label, size, bar in (("peak", peak, _MOST), ("growth after the first", last - first, _GROWTH)):
        sys.stdout.write(f"{label:<30}{size:>8.1f} MB   {'✓' if size <= bar else '✗'} ≤ {bar:g} MB\n")
    sys.stdout.write(f"RESULT peak_mb={peak:.1f} after_{_FIRST}_mb={first:.1f} after_all_mb={last:.1f}\n")


if __name__ == "__main__":
    main()
