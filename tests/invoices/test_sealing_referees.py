"""Two independent judges of sealed invoices: the European Commission's DSS for the seal, veraPDF for the document.

They need Java 17, Maven, and on first use the way to its registry.
"""

import fcntl
import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfTimeStamper
from pyhanko.sign.timestamps import DummyTimeStamper

from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.sealing.keys import SealKey, demo
from invoices.sealing.seal import seal
from invoices.sealing.update import Original, appended, reference, stream
from invoices.sealing.verdicts import Kind
from tests.invoices.authorities import authority
from tests.invoices.contents import standard
from tests.invoices.prolonged import Levels, levels
from tests.invoices.seals import NOW, key_named, pair

ROOT = Path(__file__).parents[2]
Referee = Callable[..., list[str]]


def built(name: str) -> list[str]:
    """The command of that referee; built once, into build/<name>, by one process."""
    sources = [ROOT / "tests/referees" / name / "pom.xml", *(ROOT / "tests/referees" / name / "src").rglob("*.java")]
    build = ROOT / "build" / name
    build.parent.mkdir(exist_ok=True)
    with (build.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = build / "lib"
        if not stamp.exists() or stamp.stat().st_mtime < max(source.stat().st_mtime for source in sources):
            subprocess.run(["mvn", "-B", "-q", "-f", str(sources[0]), "package"], check=True)
            stamp.touch()
    return ["java", "-cp", f"{build / 'classes'}:{build / 'lib'}/*", "Verdicts"]


@pytest.fixture(scope="module")
def dss() -> Referee:
    """DSS, which trusts the first file, a root certificate, and prints a line for each seal in the others."""
    command = built("dss")

    def judge(*files: Path) -> list[str]:
        done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return judge


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def sealed(demo_folder: Path) -> bytes:
    """A whole invoice, sealed by the demo key."""
    key = demo.load_or_make(demo_folder)
    return seal(unsealed(standard(), cii(standard())), key=key, at=key.chain[0].not_valid_before_utc)


def root_file(folder: Path, *, key: SealKey) -> Path:
    file = folder / "root.pem"
    file.write_bytes(key.chain[-1].public_bytes(Encoding.PEM))
    return file


def test_a_sealed_invoice_is_pades_baseline_b(dss: Referee, sealed: bytes, demo_folder: Path, tmp_path: Path) -> None:
    file, attacked = tmp_path / "sealed.pdf", tmp_path / "attacked.pdf"
    file.write_bytes(sealed)
    attacked.write_bytes(sealed.replace(b"endobj", b"endobJ", 1))
    good, bad = dss(demo_folder / "root.pem", file, attacked)
    assert good == f"TOTAL_PASSED PAdES-BASELINE-B {file} errors: [] warnings: [The authority info access is not present!]"
    assert bad.startswith("TOTAL_FAILED")


def test_so_is_one_by_an_elliptic_key(dss: Referee, tmp_path: Path) -> None:
    """Its revocation is unknown, and nobody can be asked here: hence no more than indeterminate."""
    key = key_named("Réseau Relais", elliptic=True)
    file = tmp_path / "sealed.pdf"
    file.write_bytes(seal(unsealed(standard(), cii(standard())), key=key, at=NOW))
    (verdict,) = dss(root_file(tmp_path, key=key), file)
    assert verdict.startswith(f"INDETERMINATE PAdES-BASELINE-B {file}")


def test_a_later_timestamp_does_not_break_it(dss: Referee, sealed: bytes, demo_folder: Path, tmp_path: Path) -> None:
    private, certificate, _ = pair("Horodatage")
    stamper = DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        tsa_key=PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        fixed_dt=NOW,
    )
    stamped = PdfTimeStamper(stamper).timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(sealed)), "sha256")
    file = tmp_path / "stamped.pdf"
    file.write_bytes(stamped.getvalue())
    (verdict,) = dss(demo_folder / "root.pem", file)
    assert verdict.startswith(f"TOTAL_PASSED PAdES-BASELINE-T {file} errors: []")


@pytest.fixture(scope="module", params=["seal", "elliptic"])
def made(request: pytest.FixtureRequest) -> Iterator[Levels]:
    """A whole invoice at each level, by a key of each kind."""
    with authority() as world:
        yield levels(world, label=request.param, pdf=unsealed(standard(), cii(standard())))


def written(made: Levels, *, folder: Path) -> dict[str, Path]:
    files = {}
    for name in ("b", "t", "lt", "lta", "renewed"):
        files[name] = folder / f"{name}.pdf"
        files[name].write_bytes(getattr(made, name))
    return files


def test_each_level_is_what_we_call_it(dss: Referee, made: Levels, tmp_path: Path) -> None:
    """B-LT and above offline; below, whoever judges the file asks the issuers, whose answers lie beside it here."""
    files = written(made, folder=tmp_path)
    root = tmp_path / "root.pem"
    root.write_bytes(made.root.public_bytes(Encoding.PEM))
    b, t, *prolonged = dss(root, *files.values())
    assert b.startswith("INDETERMINATE PAdES-BASELINE-B ")
    assert t.startswith("INDETERMINATE PAdES-BASELINE-T ")
    asked = dss(root, *answers(made, folder=tmp_path), files["b"], files["t"])
    named = [" ".join(line.split(" ")[:2]) for line in (*asked, *prolonged)]
    assert named == [f"TOTAL_PASSED PAdES-BASELINE-{level}" for level in ("B", "T", "LT", "LTA", "LTA")]
    assert all("errors: []" in line for line in (*asked, *prolonged))


def answers(made: Levels, *, folder: Path) -> list[Path]:
    """What the issuers say of the certificates, as files."""
    named = {f"{place}.ocsp": data for place, data in enumerate(made.data.ocsps)}
    named |= {f"{place}.crl": data for place, data in enumerate(made.data.crls)}
    for name, data in named.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in named]


def test_each_level_is_still_pdf_a_and_accessible(made: Levels, tmp_path: Path) -> None:
    before = tmp_path / "unsealed.pdf"
    before.write_bytes(unsealed(standard(), cii(standard())))
    files = [before, *written(made, folder=tmp_path).values()]
    done = subprocess.run([*built("verapdf"), "3b,3a,ua1", *map(str, files)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"valid {file}" for file in files]


def test_dss_too_sees_a_page_that_was_exchanged(dss: Referee, made: Levels, tmp_path: Path) -> None:
    """It calls the seal's own bytes whole, and says what was changed since: a verdict that one must read to the end."""
    original = Original(made.lta)
    content = reference(original.entries(original.first_page())[b"/Contents"])
    attacked = tmp_path / "attacked.pdf"
    attacked.write_bytes(appended(original, {content: stream(b"BT /F1 12 Tf 100 700 Td (999 999,99) Tj ET")})[0])
    root = tmp_path / "root.pem"
    root.write_bytes(made.root.public_bytes(Encoding.PEM))
    (verdict,) = dss(root, attacked)
    assert not verdict.startswith("TOTAL_PASSED") or "warnings: []" not in verdict
    assert made.judged(attacked.read_bytes()).kind == Kind.ALTERED
