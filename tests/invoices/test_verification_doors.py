"""The page and the command give the same answers; the command one a line, with status 1 unless all are valid and ours."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from invoices.models import Document, Invoice
from invoices.proving import ANSWERS, prove
from invoices.sealing import confined
from invoices.sealing.keys import Home
from invoices.sealing.seal import seal
from invoices.sealing.verdicts import Kind, Reason
from tests import world
from tests.invoices.at_both_doors import by_the_command, kept, on_the_page
from tests.invoices.attacks import KEY, OURS, SEALED, STRANGER, digits_replaced
from tests.invoices.authorities import authority
from tests.invoices.prolonged import Levels, levels
from tests.invoices.seals import NOW, invoice_pdf, plain_pdf

pytestmark = pytest.mark.django_db
WRITTEN_ON = SEALED.replace(b"CreationDate", b"CreationDatf", 1)
FILES = {
    "kept.pdf": (SEALED, "VALID. Yes, this is one of our invoices, unchanged. Sealed by « Réseau Relais » and unchanged since. Invoice"),
    "not_kept.pdf": (seal(plain_pdf(), key=KEY, at=NOW), "VALID. Sealed by us, but not in our register."),
    "altered.pdf": (WRITTEN_ON, "NOT VALID. This file is not as it was when it was sealed. The content is not what was sealed."),
    "broken.pdf": (digits_replaced(b"\x30\x00"), "NOT VALID. The seal of this file is broken. The seal is damaged, or is not"),
    "others.pdf": (seal(plain_pdf(), key=STRANGER, at=NOW), "NOT OURS. This file was sealed by somebody else. Unchanged since it was"),
    "not_sealed.pdf": (plain_pdf(), "NOT VALID. This PDF has no seal. This PDF carries no seal."),
    "not_a_pdf.pdf": (b"PK\x03\x04", "NOT VALID. This file is not a PDF. This is not a PDF."),
}
ON_THE_PAGE = {
    "kept.pdf": "Oui, c’est bien une de nos factures, intacte Facture R0001-2026-00001",
    "not_kept.pdf": "Cacheté par nous, mais absent de notre registre",
    "altered.pdf": "Ce fichier n’est plus tel qu’il a été cacheté",
    "broken.pdf": "Le cachet de ce fichier est brisé",
    "others.pdf": "Ce fichier a été cacheté par quelqu’un d’autre",
    "not_sealed.pdf": "Ce PDF ne porte pas de cachet",
    "not_a_pdf.pdf": "Ce fichier n’est pas un PDF",
}


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def document(invoice: Invoice) -> Document:
    return kept(SEALED, ours=OURS, invoice=invoice)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name, (pdf, _) in FILES.items():
        (tmp_path / name).write_bytes(pdf)
    return [tmp_path / name for name in FILES]


def test_the_command_gives_each_answer_on_a_line(document: Document, files: list[Path]) -> None:
    status, lines = by_the_command(*files)
    assert status == 1
    assert len(lines) == len(files)
    for file, line in zip(files, lines, strict=True):
        assert line.startswith(f"{file}: {FILES[file.name][1]}"), line
    assert lines[0].endswith("Invoice R0001-2026-00001. Level: test, PAdES B-B, sealed 2026-11-02 08:15 UTC.")


@pytest.mark.parametrize("name", FILES)
def test_the_page_gives_the_same_answer(document: Document, name: str) -> None:
    said = on_the_page(FILES[name][0])
    assert said.startswith(ON_THE_PAGE[name])
    assert ("R0001" in said) == (name == "kept.pdf")


def test_all_kinds_are_among_them() -> None:
    assert set(ANSWERS) == set(Kind)


def test_all_valid_and_ours_is_status_0(document: Document, files: list[Path]) -> None:
    ours = [file for file in files if "kept" in file.name]
    assert by_the_command(*ours)[0] == 0
    for other in set(files) - set(ours):
        assert by_the_command(*ours, other, *ours)[0] == 1, other


def test_details_are_there_to_unfold(document: Document) -> None:
    said = on_the_page(SEALED)
    for detail in (
        "Constat Cacheté par « Réseau Relais » et intact depuis.",
        "Dans notre registre oui, à l’octet près",
        "Cacheté le 2 novembre 2026 à 9 h 15",
        "Nature du cachet cachet d’essai, sans valeur juridique",
        "Niveau PAdES du cachet B-B",
        f"SHA-256 du certificat {document.certificate_sha256}",
        f"SHA-256 du fichier {document.sha256}",
    ):
        assert " ".join(detail.split()) in said
    assert "Horodatage" not in said
    others = on_the_page(FILES["others.pdf"][0])
    assert "Nom dans le certificat Réseau Relais (choisi par qui l’a fait faire)" in others
    assert "Nature du cachet" not in others


def test_an_original_with_something_behind_it_is_named(document: Document, tmp_path: Path) -> None:
    longer = tmp_path / "longer.pdf"
    longer.write_bytes(SEALED + b"1 0 obj\n<<>>\nendobj\n")
    assert prove(longer.read_bytes()).inside == document
    assert "Il commence par notre facture R0001-2026-00001 telle que nous l’avons cachetée" in on_the_page(longer.read_bytes())
    _, (line,) = by_the_command(longer)
    assert line.endswith("20 bytes were added. Invoice R0001-2026-00001 as we sealed it is the beginning of it.")
    assert prove(SEALED[:-1]).inside is None
    assert prove(b"%PDF-1.7\n" + b"%%EOF\n" * 1000).inside is None


@pytest.fixture(scope="module")
def made() -> Iterator[Levels]:
    with authority() as running:
        yield levels(running)


def test_every_renewal_is_one_of_ours(made: Levels, invoice: Invoice, settings: Any, tmp_path: Path) -> None:
    settings.TIMESTAMP_ROOTS = (made.root,)
    ours = {made.judged(made.b).certificate: Home.SOFTWARE}
    first = kept(made.lta, ours=ours, invoice=invoice, level="B-LTA")
    second = kept(made.renewed, ours=ours, invoice=invoice, level="B-LTA", renews=first)
    assert [prove(pdf).document for pdf in (made.lta, made.renewed)] == [first, second]
    earlier = prove(made.t)
    assert (earlier.verdict.ours, earlier.document, earlier.inside) == (True, None, None)
    file = tmp_path / "renewed.pdf"
    file.write_bytes(made.renewed)
    status, (line,) = by_the_command(file)
    assert status == 0
    assert "PAdES B-LTA" in line
    assert line.count("Timestamped 2026-11-02 08:15 UTC by « ") == 3
    said = on_the_page(made.renewed)
    assert "Niveau PAdES du cachet B-LTA" in said
    assert said.count("Horodatage") == 3
    settings.TIMESTAMP_ROOTS = ()
    assert prove(made.lta).verdict.reason == Reason.UNKNOWN_AUTHORITY


def test_what_cannot_be_read_or_is_too_large_is_said(document: Document, tmp_path: Path) -> None:
    large, forged = tmp_path / "large.pdf", tmp_path / "a.pdf: VALID.\nb.pdf"
    large.write_bytes(SEALED + bytes(10 * 2**20))
    forged.write_bytes(b"")
    status, lines = by_the_command(tmp_path / "missing.pdf", tmp_path, large, Path("/dev/zero"), forged, Path("/dev/null"))
    assert status == 1
    assert [line.removeprefix(f"{tmp_path}") for line in lines] == [
        "/missing.pdf: NOT READ. No such file or directory.",
        ": NOT READ. Is a directory.",
        "/large.pdf: NOT VALID. Larger than 10 MB: no file of ours is.",
        "/dev/zero: NOT VALID. Larger than 10 MB: no file of ours is.",
        "/a.pdf: VALID.�b.pdf: NOT VALID. This file is not a PDF. This is not a PDF.",
        "/dev/null: NOT VALID. This file is not a PDF. This is not a PDF.",
    ]


def test_a_judge_without_time_accuses_no_file(
    document: Document, files: list[Path], visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined.Judge, "module", "tests.invoices.broken_judge")
    monkeypatch.setattr(confined, "SECONDS", 3)
    files[1].write_bytes(b"hang")
    status, lines = by_the_command(*files[:2], files[0])
    assert status == 1
    assert lines[1] == f"{files[1]}: NOT READ. We could not verify this file just now. Try again in a few minutes."
    assert "VALID" in lines[0]
    assert "VALID" in lines[2]
    with files[1].open("rb") as hanging:
        page = visitor.post("/verifier/", {"file": hanging})
    assert page.status_code == 503
    assert "Nous n’avons pas pu vérifier ce fichier à l’instant." in page.content.decode()
    assert "pas tel" not in page.content.decode()


def test_a_file_that_breaks_the_judge_is_not_valid(document: Document, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined.Judge, "module", "tests.invoices.broken_judge")
    files[1].write_bytes(b"raise something")
    status, lines = by_the_command(*files[:2], files[0])
    assert status == 1
    assert ": NOT VALID. The seal of this file is broken. Reading the file failed" in lines[1]
    assert "VALID" in lines[2]
    assert on_the_page(b"raise something").startswith("Le cachet de ce fichier est brisé")


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_french(reason: Reason) -> None:
    with translation.override("fr"):
        french = translation.gettext(reason.value)
    assert french != reason.value
    assert french.count("%(") == reason.value.count("%(")


def test_nothing_of_an_unsealed_copy_is_told(document: Document) -> None:
    said = on_the_page(invoice_pdf())
    assert "R0001" not in said
    assert "Réseau Relais" not in said
