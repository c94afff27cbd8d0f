"""The official rules are really asked: ten planted errors are found, each by its rule, and a good invoice passes."""

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from invoices.document.facturx import cii
from invoices.document.schematron import Failure, failures, xsd_failures
from tests.invoices.contents import franchise, standard

PLANTED = {
    "total off by a cent": ("GrandTotalAmount>818.33", "GrandTotalAmount>818.34", "BR-CO-15"),
    "line total off": ("LineTotalAmount>192.50<", "LineTotalAmount>192.51<", "BR-CO-10"),
    "VAT off": ("CalculatedAmount>136.39", "CalculatedAmount>139.39", "BR-CO-17"),
    "negative price": ("ChargeAmount>0.2950", "ChargeAmount>-0.2950", "BR-27"),
    "number too long": ("<ram:ID>R0042-2026-00011<", f"<ram:ID>{'R' * 36}<", "BR-FR-01"),
    "number with a space": ("<ram:ID>R0042-2026-00011<", "<ram:ID>R0042 2026<", "BR-FR-02"),
    "no note on penalties": ("SubjectCode>PMD", "SubjectCode>AAI", "BR-FR-05"),
    "unknown business process": ("<ram:ID>S1<", "<ram:ID>X1<", "BR-FR-08"),
    "SIRET of somebody else": (">28724467700848<", ">99384131199168<", "BR-FR-09"),
    "address of somebody else": ('schemeID="0225">287244677', 'schemeID="0225">993841311', "BR-FR-22"),
    "due before it is issued": ("20261202", "20261101", "BR-FR-CO-07"),
    "unknown VAT rate": ("RateApplicablePercent>20.00", "RateApplicablePercent>21.00", "BR-FR-16"),
}


@pytest.mark.parametrize(("good", "bad", "rule"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_error_is_found_by_its_rule(good: str, bad: str, rule: str) -> None:
    xml = cii(standard()).decode()
    assert good in xml
    found = failures(xml.replace(good, bad).encode())
    assert any(rule in failure.rule + failure.text and not failure.warning for failure in found), found


def test_an_exempt_seller_who_names_no_tax_number_is_found() -> None:
    xml = cii(franchise()).replace(b'schemeID="FC"', b'schemeID="XX"')
    assert any("BR-E-02" in failure.rule + failure.text for failure in failures(xml))


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
