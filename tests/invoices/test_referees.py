"""veraPDF, the last word on PDF/A and PDF/UA, judges samples. Needs Java 17, Maven and the way to its registry on first use."""

import fcntl
import subprocess
from pathlib import Path

import pytest

from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from tests.invoices.contents import standard
from tests.invoices.papers import PAPERS

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "verapdf"
FLAVOURS = "3b,3a,ua1"


@pytest.fixture(scope="module")
def referee() -> list[str]:
    """The command that prints one verdict a file; built once, into build/verapdf."""
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as lock:  # pytest-xdist: several workers, one build
        fcntl.flock(lock, fcntl.LOCK_EX)
        _build()
    return ["java", "-cp", f"{BUILT / 'classes'}:{BUILT / 'lib'}/*", "Verdicts"]


def _build() -> None:
    sources = [ROOT / "tests/referees/verapdf/pom.xml", *(ROOT / "tests/referees/verapdf/src").rglob("*.java")]
    stamp = BUILT / "lib"
    if not stamp.exists() or stamp.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        subprocess.run(["mvn", "-B", "-q", "-f", str(sources[0]), "package"], check=True)
        stamp.touch()


def verdicts(referee: list[str], files: list[Path]) -> list[str]:
    """One line a file, in order."""
    return subprocess.run([*referee, FLAVOURS, *map(str, files)], check=False, capture_output=True, text=True).stdout.splitlines()


def test_every_sample_is_pdf_a_3a_and_pdf_ua_1(referee: list[str], tmp_path: Path) -> None:
    files = []
    for name, make in PAPERS.items():
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(unsealed(make(), cii(make())))
    assert verdicts(referee, files) == [f"valid {file}" for file in files]


def test_the_referee_sees_what_is_wrong(referee: list[str], tmp_path: Path) -> None:
    file = tmp_path / "bad.pdf"
    file.write_bytes(unsealed(standard(), cii(standard())).replace(b"<pdfaid:part>3<", b"<pdfaid:part>9<"))
    (verdict,) = verdicts(referee, [file])
    assert verdict.startswith(f"invalid {file}: ")
