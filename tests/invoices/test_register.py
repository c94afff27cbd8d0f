"""`export_run`: the sealed files of a month, register.csv and held.csv; two exports are the same bytes."""

import csv
import hashlib
from pathlib import Path

import pytest

from invoices import production, register
from invoices.models import Document, Due, Invoice
from invoices.period import Period
from invoices.register import FolderUnusable, NeverBilled, NotArchived
from relays.models import Identity, VatRegime
from tests import world

pytestmark = pytest.mark.django_db


def export(folder: Path) -> int:
    return register.export(world.OCTOBER, folder, progress=lambda _: None)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, strict=True))


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def issued(*codes: str) -> None:
    """October of these relays, issued, sealed and archived."""
    world.tariff()
    for shop, code in enumerate(codes):
        world.did(world.relay(code, shop=shop), 100)
    world.billed_approved_and_issued()
    world.sealed_and_archived()


def test_a_month_that_was_never_billed_has_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(NeverBilled, match="2026-10 was never billed"):
        export(tmp_path)


def test_every_column(tmp_path: Path) -> None:
    issued("R0001")
    assert export(tmp_path / "a" / "b") == 1
    (row,) = rows(tmp_path / "a" / "b" / "register.csv")
    assert row == {
        "relay_code": "R0001",
        "number": "R0001-2026-00001",
        "type_code": "389",
        "issue_date": "2026-11-02",
        "period": "2026-10",
        "due_date": "2026-12-02",
        "currency": "EUR",
        "net_total": "38.50",
        "vat_total": "7.70",
        "gross_total": "46.20",
        "vat_breakdown": "S:20.00:38.50:7.70",
        "sha256": Document.objects.get().sha256,
        "file": "R0001-2026-00001.pdf",
        "delivery": "email",
    }
    pdf = (tmp_path / "a" / "b" / row["file"]).read_bytes()
    assert hashlib.sha256(pdf).hexdigest() == row["sha256"]
    assert pdf == production.original(Document.objects.get())


def test_s_comes_before_e_and_each_treatment_with_a_line_has_its_item(tmp_path: Path) -> None:
    world.tariff("LIV", (0, "0.1000"))
    relay = world.relay(regime="franchise")
    VatRegime.objects.create(relay=relay, valid_from="2026-10-16", regime="standard", vat_number=world.SHOPS[0][1])
    world.did(relay, 100, day=5)
    world.did(relay, 50, day=20)
    world.adjusted(relay, "-5.00", day=21)
    world.billed_approved_and_issued()
    world.sealed_and_archived()
    export(tmp_path)
    (row,) = rows(tmp_path / "register.csv")
    assert row["vat_breakdown"] == "S:20.00:0.00:0.00|E:0.00:10.00:0.00"


def test_two_exports_are_the_same_bytes(tmp_path: Path) -> None:
    issued("R0001", "R0002")
    export(tmp_path / "one")
    export(tmp_path / "two")
    export(tmp_path / "two")  # over itself
    assert bytes_in(tmp_path / "one") == bytes_in(tmp_path / "two")
    assert set(bytes_in(tmp_path / "one")) == {"register.csv", "held.csv", "R0001-2026-00001.pdf", "R0002-2026-00001.pdf"}


def test_both_files_are_utf_8_with_lf_sorted_by_code_points(tmp_path: Path) -> None:
    issued("r1", "R10", "_1", "R-1", "R1")
    export(tmp_path)
    register_csv = (tmp_path / "register.csv").read_bytes()
    assert register_csv.startswith(b"relay_code,number,type_code,issue_date,period,due_date,currency,net_total,")
    assert b"\r" not in register_csv
    assert register_csv.endswith(b"\n")
    assert [row["relay_code"] for row in rows(tmp_path / "register.csv")] == ["R-1", "R1", "R10", "_1", "r1"]


def test_held_relays_with_reason_and_detail(tmp_path: Path) -> None:
    for shop, code in enumerate(("r1", "R-1")):
        world.did(world.relay(code, shop=shop, city=""), 100)
    issued()
    issued_nothing = export(tmp_path)
    assert issued_nothing == 0
    assert rows(tmp_path / "register.csv") == []
    assert (tmp_path / "held.csv").read_text(encoding="utf-8") == (
        "relay_code,reason,detail\nR-1,incomplete_identity,city empty: import it\nr1,incomplete_identity,city empty: import it\n"
    )


def test_after_a_late_run_it_covers_all_of_the_month_and_who_is_still_held(tmp_path: Path) -> None:
    for shop, code in ((3, "R0004"), (4, "R0005")):
        world.did(world.relay(code, shop=shop, city=""), 100)
    issued("R0001")
    Identity.objects.filter(relay__code="R0004").update(city="Nantes")
    world.did(world.relay("R0003", shop=2), 5)
    world.billed_approved_and_issued()
    world.sealed_and_archived()
    assert export(tmp_path) == 3
    assert [row["relay_code"] for row in rows(tmp_path / "register.csv")] == ["R0001", "R0003", "R0004"]
    assert [row["relay_code"] for row in rows(tmp_path / "held.csv")] == ["R0005"]


def test_another_month_s_invoices_are_not_in_it(tmp_path: Path) -> None:
    issued("R0001")
    november = Period.named("2026-11")
    world.did(world.relay("R0002", shop=1), 5, month=november)
    world.billed_approved_and_issued(november.last + (world.BILLED_ON - world.OCTOBER.last), month=november)
    world.sealed_and_archived()
    assert export(tmp_path) == 1
    assert Invoice.objects.count() == 2


@pytest.mark.parametrize("step", ["sealed", "archived"])
def test_before_all_is_archived_nothing_is_written(tmp_path: Path, step: str) -> None:
    world.an_invoice()
    if step == "archived":
        production.produce(list(Due.objects.values_list("invoice_id", flat=True)))
    with pytest.raises(NotArchived, match="1 invoice of 2026-10 not archived yet: run `issue 2026-10`"):
        export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_another_pdf_or_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    issued("R0001")
    (tmp_path / "R0001-2026-00009.pdf").write_bytes(b"%PDF")
    with pytest.raises(FolderUnusable, match="holds other PDF files"):
        export(tmp_path)
    with pytest.raises(FolderUnusable, match="is not a folder"):
        export(tmp_path / "R0001-2026-00009.pdf")
    assert [file.name for file in tmp_path.iterdir()] == ["R0001-2026-00009.pdf"]
