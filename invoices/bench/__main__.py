"""What one invoice costs, beside the straightforward pipeline, other sealers and one bare signature: `make bench`.

    python -m invoices.bench [--rounds N] [--without-peers]

CPU milliseconds, medians of one interleaved run, the bars beside them. The last line is for programs:
RESULT total_ms=… baseline_ms=… bare_ms=… page_ms=… xml_ms=… pdfa_ms=… seal_ms=… and more
(total = page + XML + PDF/A + seal). Machines differ: compare the ratios. See docs/bench.md.
"""

import argparse
import datetime as dt
import hashlib
import sys
from collections.abc import Callable
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from reportlab.pdfgen.canvas import Canvas

from invoices.bench.authority import Authority
from invoices.bench.levels import Levels
from invoices.bench.peers import Absent, Endesive, PdfBox, Peer, PyHanko
from invoices.bench.sample import invoice
from invoices.bench.stopwatch import Spent
from invoices.bench.straightforward import Pipeline
from invoices.bench.table import Row, medians_of, result, table
from invoices.document.facturx import cii
from invoices.document.page import draw
from invoices.document.pdfa import unsealed
from selfbilling import typeface

_OURS_A_ROUND, _WARM_UP = 6, 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m invoices.bench", description="What one invoice costs.")
    parser.add_argument("--rounds", type=int, default=25, metavar="N", help="that count; 25")
    parser.add_argument("--without-peers", action="store_true", help="neither pyHanko nor endesive nor PDFBox")
    given = parser.parse_args()
    typeface.register()
    at = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with TemporaryDirectory() as name, ExitStack() as running:
        bench = _Bench(Authority(at=at), at=at, folder=Path(name))
        if not given.without_peers:
            bench.invite(running)
        bench.run(rounds=given.rounds)
    bench.say(sys.stdout.write, rounds=given.rounds)


class _Bench:
    """The key in its shapes (ours, files, bare), the peers, and what was spent so far."""

    def __init__(self, authority: Authority, *, at: dt.datetime, folder: Path) -> None:
        self._authority, self._folder = authority, folder
        self._spent = Spent()
        self._levels = Levels(authority, at=at, spent=self._spent)
        self._key, self._certificate = folder / "seal.pem", folder / "certificate.pem"
        pem = authority.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._key.write_bytes(pem)
        self._certificate.write_bytes(authority.key.chain[0].public_bytes(Encoding.PEM))
        self._pipeline = Pipeline(key=self._key, certificate=self._certificate)
        self._peers: list[Peer] = []
        self._absent: list[str] = []

    def invite(self, running: ExitStack) -> None:
        """Have each peer that is on this machine ready, until `running` ends; note who is absent."""
        content = invoice(0)
        pdf = unsealed(content, cii(content))
        invitations: dict[str, Callable[[], Peer]] = {
            "pyHanko": lambda: PyHanko(key=self._key, certificate=self._certificate),
            "endesive": lambda: Endesive(self._authority),
            "PDFBox + Bouncy Castle": lambda: PdfBox(self._authority, folder=self._folder).warmed_up(pdf),
        }
        for name, invited in invitations.items():
            try:
                peer = invited()
            except Absent as absent:
                self._absent.append(f"{name}: absent, {absent}")
                continue
            running.callback(peer.close)
            self._peers.append(peer)

    def run(self, *, rounds: int) -> None:
        """Some rounds to warm up, then those that count."""
        for number in range(_WARM_UP):
            self._round(number)
        self._spent.clear()
        for number in range(_WARM_UP, _WARM_UP + rounds):
            self._round(number)

    def say(self, out: Callable[[str], object], *, rounds: int) -> None:
        """Write the table and the line for programs."""
        medians, peers = medians_of(self._spent), [Row(peer.name, f"  {peer.label}") for peer in self._peers]
        out(table(medians, rounds=rounds, peers=peers, absent=self._absent))
        out(result(medians, peers=peers))

    def _round(self, number: int) -> None:
        """Each thing in turn, so that a busy moment of the machine falls on all of them."""
        digest = hashlib.sha256(str(number).encode()).digest()
        first, pdfs = number * _OURS_A_ROUND, []
        for rank in range(first, first + _OURS_A_ROUND):
            pdfs.append(self._invoice(rank))
            self._spent.on("bare", lambda: self._authority.private_key.sign(digest, PKCS1v15(), Prehashed(SHA256())))
        self._levels.prolong(pdfs)
        content = invoice(first)
        xml = cii(content)
        self._spent.on("baseline", lambda: self._pipeline.made(content, xml=xml))
        for peer in self._peers:
            peer.seal(pdfs[-1], spent=self._spent)

    def _invoice(self, rank: int) -> bytes:
        content, canvas = invoice(rank), Canvas(BytesIO(), initialFontName=typeface.REGULAR)
        self._spent.on("page", lambda: draw(canvas, content))
        xml = self._spent.on("xml", lambda: cii(content))
        pdf = self._spent.on("file", lambda: unsealed(content, xml))  # one pass, which draws the page once more
        self._spent["pdfa"].append(self._spent["file"][-1] - self._spent["page"][-1])
        self._levels.sealed(pdf)
        return pdf


if __name__ == "__main__":
    main()
