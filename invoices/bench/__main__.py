"""CPU milliseconds an invoice, medians of one interleaved run: ours, the straightforward pipeline, one bare signature.

    python -m invoices.bench

The last line is for programs: RESULT total_ms=… baseline_ms=… bare_ms=… page_ms=… xml_ms=… pdfa_ms=… seal_ms=…
(total = page + XML + PDF/A + seal). Machines differ: compare the ratios.
"""

import datetime as dt
import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from reportlab.pdfgen.canvas import Canvas

from invoices.bench.sample import invoice
from invoices.bench.straightforward import Pipeline
from invoices.document.facturx import cii
from invoices.document.page import draw
from invoices.document.pdfa import unsealed
from invoices.sealing.keys import SealKey, fingerprint
from invoices.sealing.keys.demo import load_or_make
from invoices.sealing.seal import seal
from invoices.sealing.verification import verify
from selfbilling import typeface

_ROUNDS, _OURS_A_ROUND, _WARM_UP = 25, 6, 3
_AT = dt.datetime.now(dt.UTC)
_ROWS = (
    ("page", "page: drawing it"),
    ("xml", "XML: CII, EN 16931"),
    ("pdfa", "PDF/A-3b: the file around both"),
    ("seal", "seal: PAdES B-B"),
    ("total", "one invoice, the four together"),
    ("verify", "verification of the seal"),
    ("baseline", "straightforward pipeline"),
    ("bare", "one RSA-3072 signature"),
)

Made = TypeVar("Made")


def main() -> None:
    """Measure and print."""
    typeface.register()
    with TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        key = load_or_make(folder)
        certificate = folder / "certificate.pem"
        certificate.write_bytes(key.chain[0].public_bytes(Encoding.PEM))
        bench = _Bench(key=key, pem=folder / "seal.pem", certificate=certificate)
        for number in range(_WARM_UP):
            bench.round(number)
        bench.spent.clear()
        for number in range(_WARM_UP, _WARM_UP + _ROUNDS):
            bench.round(number)
    _print({name: median(times) for name, times in bench.spent.items()})


class _Bench:
    """The key in three shapes (ours, a file, bare) and what was spent so far, by name, in milliseconds."""

    def __init__(self, *, key: SealKey, pem: Path, certificate: Path) -> None:
        self.spent: defaultdict[str, list[float]] = defaultdict(list)
        self._key = key
        self._ours = {fingerprint(key.chain[0]): key.home}
        self._pipeline = Pipeline(key=pem, certificate=certificate)
        bare = load_pem_private_key(pem.read_bytes(), password=None)
        if not isinstance(bare, RSAPrivateKey):
            raise TypeError("the demo key is an RSA key")
        self._bare = bare

    def round(self, number: int) -> None:
        """Each thing in turn, so that a busy moment of the machine falls on all of them."""
        digest = hashlib.sha256(str(number).encode()).digest()
        first = number * _OURS_A_ROUND
        for rank in range(first, first + _OURS_A_ROUND):
            self._invoice(rank)
            self._timed("bare", lambda: self._bare.sign(digest, PKCS1v15(), Prehashed(SHA256())))
        content = invoice(first)
        xml = cii(content)
        self._timed("baseline", lambda: self._pipeline.made(content, xml=xml))

    def _invoice(self, rank: int) -> None:
        content, canvas = invoice(rank), Canvas(BytesIO(), initialFontName=typeface.REGULAR)
        self._timed("page", lambda: draw(canvas, content))
        xml = self._timed("xml", lambda: cii(content))
        pdf = self._timed("file", lambda: unsealed(content, xml))  # one pass, which draws the page once more
        self.spent["pdfa"].append(self.spent["file"][-1] - self.spent["page"][-1])
        sealed = self._timed("seal", lambda: seal(pdf, key=self._key, at=_AT))
        verdict = self._timed("verify", lambda: verify(sealed, ours=self._ours))
        if not verdict.ours:
            raise RuntimeError(verdict.why)

    def _timed(self, name: str, act: Callable[[], Made]) -> Made:
        start = process_time()
        made = act()
        self.spent[name].append((process_time() - start) * 1000)
        return made


def _print(spent: dict[str, float]) -> None:
    spent["total"] = sum(spent[name] for name in ("page", "xml", "pdfa", "seal"))
    out = sys.stdout.write
    out("CPU an invoice, medians of one interleaved run        ms    × bare\n")
    for name, label in _ROWS:
        out(f"{label:<44}{spent[name]:>12.3f}{spent[name] / spent['bare']:>10.1f}\n")
    names = ("total", "baseline", "bare", "page", "xml", "pdfa", "seal")
    out("RESULT " + " ".join(f"{name}_ms={spent[name]:.3f}" for name in names) + "\n")


if __name__ == "__main__":
    main()
