"""The bench measures what it says: right seals, by ours and by the peers, every row with its bar. How fast is no test's matter."""

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from invoices.bench.authority import Authority
from invoices.bench.peers import Endesive, PdfBox, Peer, PyHanko
from invoices.bench.sample import invoice
from invoices.bench.stopwatch import Spent
from invoices.bench.table import Bar
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed

ROOT = Path(__file__).parents[2]
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
Invited = Callable[[Authority, Path], Peer]


def run(*arguments: str, path: str | None = None) -> str:
    """What a bench prints. path: where it finds programs."""
    environment = os.environ | ({"PATH": path} if path is not None else {})
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def figures(printed: str) -> dict[str, float]:
    """The line for programs, which is the last one."""
    said = printed.splitlines()[-1]
    assert said.startswith("RESULT ")
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", said)}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(at=NOW)


def py_hanko(authority: Authority, folder: Path) -> Peer:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_bytes(authority.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(authority.key.chain[0].public_bytes(Encoding.PEM))
    return PyHanko(key=key, certificate=certificate)


@pytest.mark.parametrize(
    ("invited", "subfilter"),
    [
        pytest.param(py_hanko, "/ETSI.CAdES.detached", id="pyHanko"),
        pytest.param(lambda authority, _folder: Endesive(authority), "/adbe.pkcs7.detached", id="endesive"),
        pytest.param(
            lambda authority, folder: PdfBox(authority, folder=folder),
            "/ETSI.CAdES.detached",
            id="PDFBox",
            marks=pytest.mark.requires("java", "javac", "mvn"),
        ),
    ],
)
def test_what_a_peer_makes_is_a_right_signature_by_the_same_key(
    authority: Authority, tmp_path: Path, invited: Invited, subfilter: str
) -> None:
    pdf, spent = unsealed(invoice(1), cii(invoice(1))), Spent()
    peer = invited(authority, tmp_path)
    try:
        made = peer.seal(pdf, spent=spent)
    finally:
        peer.close()
    (signature,) = PdfFileReader(BytesIO(made)).embedded_signatures
    root = asn1_x509.Certificate.load(authority.trusted[0].public_bytes(Encoding.DER))
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
    assert status.intact
    assert status.valid
    assert made.startswith(pdf)
    assert signature.sig_object["/SubFilter"] == subfilter
    assert signature.signer_cert.dump() == authority.key.chain[0].public_bytes(Encoding.DER)
    assert spent[peer.name][0] > 0


def test_a_bar_says_whether_it_holds() -> None:
    medians = {"seal": 2.0, "bare": 1.0, "total": 8.0, "baseline": 240.0}
    assert Bar(2.5, "bare", "bare")("seal", medians) == "✓ ≤ 2.5 × bare"
    assert Bar(1.5, "bare", "bare")("seal", medians) == "✗ ≤ 1.5 × bare"
    assert Bar(25, "total", "one invoice", at_least=True)("baseline", medians) == "✓ ≥ 25 × one invoice (30)"
    assert Bar(35, "total", "one invoice", at_least=True)("baseline", medians) == "✗ ≥ 35 × one invoice (30)"


def test_the_table_has_a_row_for_everything_and_names_who_is_absent(tmp_path: Path) -> None:
    printed = run("invoices.bench", "--rounds", "1", path=str(tmp_path))  # no java here
    assert "PDFBox + Bouncy Castle: absent, no java, javac, mvn here" in printed
    measured = figures(printed)
    assert list(measured)[:7] == ["total_ms", "baseline_ms", "bare_ms", "page_ms", "xml_ms", "pdfa_ms", "seal_ms"]
    assert {"verify_ms", "bt_ms", "blt_ms", "blta_ms", "pyhanko_ms", "endesive_ms"} < measured.keys()
    assert "pdfbox_ms" not in measured
    parts = sum(measured[name] for name in ("page_ms", "xml_ms", "pdfa_ms", "seal_ms"))
    assert measured["total_ms"] == pytest.approx(parts, abs=0.01)
    assert len(re.findall("[✓✗] [≤≥] ", printed)) == 5
    assert re.search(r"B-LTA, without the network +[\d.]+ +[\d.]+ +[\d.]+ × seal B-B\n", printed)


def test_a_workers_memory_stays_where_it_was() -> None:
    printed = run("invoices.bench.memory", "--documents", "700")
    measured = figures(printed)
    assert measured["peak_mb"] <= 150
    assert measured["after_all_mb"] - measured["after_500_mb"] <= 2
