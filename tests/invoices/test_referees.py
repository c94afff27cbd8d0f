"""veraPDF, the last word on PDF/A and PDF/UA, judges samples. Needs Java 17, Maven and the way to its registry on first use."""

import fcntl
import subprocess
from pathlib import Path

import pytest

from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.sealing.seal import seal
from tests.invoices.papers import PAPERS, lettered
from tests.invoices.seals import NOW, key_named

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "verapdf"
FLAVOURS = "3b,3a,ua1"
SEALED = {"standard", "annexed", "corrective"}


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


def test_every_sample_is_pdf_a_3a_and_pdf_ua_1_and_stays_so_when_sealed(referee: list[str], tmp_path: Path) -> None:
    key, files = key_named("Réseau Relais"), []
    for name, make in PAPERS.items():
        pdfs = {"unsealed": unsealed(make(), cii(make()))}
        if name in SEALED:
            pdfs["sealed"] = seal(pdfs["unsealed"], key=key, at=NOW)
        for state, pdf in pdfs.items():
            files.append(tmp_path / f"{name}-{state}.pdf")
            files[-1].write_bytes(pdf)
    assert verdicts(referee, files) == [f"valid {file}" for file in files]


def test_the_referee_sees_what_is_wrong(referee: list[str], tmp_path: Path) -> None:
    good = unsealed(lettered(), cii(lettered()))
    wrongs = (
        (b"<pdfaid:part>3<", b"<pdfaid:part>9<", ": 3a 6.6.4 "),
        (b"<pdfuaid:part>1<", b"<pdfuaid:part>9<", "ua1 5 test"),
        (b"/Marked true", b"/Marked null", "3a 6.7.2.2 test"),
        (b"/Alt<FEFF", b"/Axt<FEFF", "ua1 7.3 test"),
        (b"/S/TH", b"/S/TX", "3a 6.7.3.4 test"),
        (b"/ColSpan 2", b"/ColSpan 3", "ua1 7.2 test"),
        (b"/Lang (fr-FR)", b"/Lxng (fr-FR)", "ua1 7.2 test"),
        (b"/DisplayDocTitle true", b"/DisplayDocTitle null", "ua1 7.1 test"),
    )
    files = [tmp_path / f"{rank}.pdf" for rank in range(len(wrongs))]
    for file, (right, wrong, _complaint) in zip(files, wrongs, strict=True):
        assert right in good
        file.write_bytes(good.replace(right, wrong))
    for file, verdict, (_right, _wrong, complaint) in zip(files, verdicts(referee, files), wrongs, strict=True):
        assert verdict.startswith(f"invalid {file}: ")
        assert complaint in verdict
