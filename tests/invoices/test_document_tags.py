"""The page for those who hear it: headings, tables that name their cells, nothing repeated, pictures in words."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from invoices.document.content import Content
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from tests.invoices.contents import corrective, forty_lines, standard
from tests.invoices.papers import VERIFY, annexed, heard, lettered, ten_pages


def opened(invoice: Content) -> pikepdf.Pdf:
    """The unsealed file."""
    return pikepdf.open(BytesIO(unsealed(invoice, cii(invoice))))


def test_what_one_came_for_is_heard_in_this_order(tmp_path: Path) -> None:
    said = [element for element in heard(standard(), tmp_path) if element.startswith(("H1", "H2"))]
    assert said == [
        "H1 FACTURE — Autofacturation",
        "H2 Vendeur : votre point relais",
        "H2 Acheteur : établit cette facture",
        "H2 Nous vous versons",
        "H2 Un désaccord ?",
        "H2 Votre mandat",
    ]
    everything = heard(standard(), tmp_path)
    assert everything[everything.index("H2 Nous vous versons") + 1] == "P 818,33 €"


def test_a_row_is_heard_cell_by_cell_under_its_columns(tmp_path: Path) -> None:
    said = heard(standard(), tmp_path)
    start = said.index("TH Désignation")
    assert said[start : start + 6] == ["TH Désignation", "TH Période", "TH Quantité", "TH Prix unitaire HT", "TH TVA", "TH Montant HT"]
    service = said.index("TH Colis remis au destinataire")
    assert said[service : service + 5] == ["TH Colis remis au destinataire", "TD 1 620", "TD", "TD", "TD 581,70 €"]
    row = said.index("TD Retour de colis non réclamé")
    assert said[row : row + 6] == ["TD Retour de colis non réclamé", "TD octobre 2026", "TD 41", "TD 0,2000 €", "TD 20 %", "TD 8,20 €"]


def test_lines_that_were_broken_are_heard_as_words(tmp_path: Path) -> None:
    assert any("SARL au capital de 8 000 € SIREN 287 244 677, RCS Versailles SIRET" in element for element in heard(standard(), tmp_path))


def test_what_is_repeated_on_each_page_is_heard_once(tmp_path: Path) -> None:
    said = heard(replace(ten_pages(), test=True), tmp_path)
    for once in ("TH Désignation", "H1 FACTURE — Autofacturation", "P TEST : cachet d’essai, sans valeur"):
        assert said.count(once) == 1
    text = " ".join(said)
    assert text.count("Désignation") == 1
    for never in ("Report", "À reporter", "page 1/", "suite"):
        assert never not in text
    assert said.count("Table") == 3  # lines, VAT, totals


def test_a_service_is_in_the_table_also_on_the_second_page(tmp_path: Path) -> None:
    said = heard(forty_lines(), tmp_path)
    assert [f"TD Service particulier n° {rank}" in said for rank in range(1, 41)] == [True] * 40


def test_the_annex_is_a_table_whose_rows_and_columns_are_named(tmp_path: Path) -> None:
    said = heard(annexed(), tmp_path)
    assert said.count("H2 Annexe : relevé jour par jour") == 2
    assert "TH 31 octobre 2026" in said
    assert "TH Jour" in said
    assert "TH Étiquette imprimée" in said


def pictures(invoice: Content) -> list[str]:
    """What the pictures say in words."""
    with opened(invoice) as pdf:
        elements = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure"]
        return [str(element.Alt) for element in elements]


def test_pictures_say_in_words_what_they_show() -> None:
    assert pictures(lettered()) == ["Logo de Réseau Relais Démonstration", f"Code QR pour vérifier cette facture : {VERIFY}"]
    assert pictures(standard()) == []
    assert pictures(corrective(lettered())) == [f"Code QR pour vérifier cette facture : {VERIFY}"]


@pytest.mark.parametrize("make", [standard, ten_pages, annexed])
def test_every_mark_on_every_page_leads_to_its_element_and_back(make: Callable[[], Content]) -> None:
    with opened(make()) as pdf:
        back = pdf.Root.StructTreeRoot.ParentTree.Nums
        for rank, page in enumerate(pdf.pages):
            assert (int(page.obj.StructParents), str(page.obj.Tabs), int(back[2 * rank])) == (rank, "/S", rank)
            elements = list(back[2 * rank + 1])
            marks = [
                (str(step.operands[0]), int(step.operands[1].MCID))
                for step in pikepdf.parse_content_stream(page)
                if str(step.operator) == "BDC"
            ]
            assert marks == [(str(element.S), mark) for mark, element in enumerate(elements)]
            for mark, element in enumerate(elements):
                assert element.Pg.objgen == page.obj.objgen
                assert mark in list(element.K)


def test_the_title_is_shown_and_the_language_is_french() -> None:
    with opened(standard()) as pdf:
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "fr-FR"
    with opened(corrective(standard())) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Facture rectificative R0042+C-2026-00001, Épicerie de l’Étoile"
