"""The page: what a shopkeeper reads, where the postman looks, and that nothing overflows."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from invoices.document.content import Content
from invoices.document.pdfa import unsealed
from selfbilling import typeface, words
from tests.invoices.contents import (
    corrective,
    credit,
    forty_lines,
    franchise,
    long_names,
    many_alphabets,
    mixed,
    negative,
    nothing_to_pay,
    odd_letters,
    standard,
)
from tests.invoices.papers import PAPERS, boxes, large, lettered, read, ten_pages, usual, wide_credit


@pytest.mark.parametrize("make", PAPERS.values(), ids=PAPERS.keys())
def test_every_mention_and_both_parties_stand_on_it(make: Callable[[], Content], tmp_path: Path) -> None:
    invoice, text = make(), read(make(), tmp_path)
    for party in (invoice.seller, invoice.buyer):
        for value in (party.official_name, party.address_line1, words.in_groups(party.siren, 3), party.vat_number[:4]):
            assert re.sub(r"\s+", " ", typeface.printable(value)) in text
    for code in ("operation", "penalties", "indemnity", "discount"):
        assert re.sub(r"\s+", " ", invoice.mention(code)) in text
    assert invoice.number in text
    for when in (invoice.issue_date, invoice.due_date):
        assert re.sub(r"\s+", " ", words.day(when)) in text
    assert re.sub(r"\s+", " ", words.euros(invoice.gross)) in text


@pytest.mark.parametrize("make", [standard, franchise, mixed, long_names, ten_pages])
def test_what_the_buyer_makes_out_says_so_and_under_which_mandate(make: Callable[[], Content], tmp_path: Path) -> None:
    invoice, text = make(), read(make(), tmp_path)
    assert text.startswith("FACTURE — Autofacturation")
    for code in ("self_billing", "vat_liability"):
        assert invoice.mention(code) in text
    assert f"version {invoice.mandate_version}, signé le 15 novembre 2025." in text


def test_what_the_relay_issues_names_what_it_corrects_and_no_self_billing(tmp_path: Path) -> None:
    rectified = read(corrective(standard()), tmp_path)
    assert rectified.startswith("FACTURE RECTIFICATIVE")
    assert "Rectifie facture R0042-2026-00011 du 2 novembre 2026" in rectified
    assert "Montant à recevoir par le vendeur" in rectified
    back = read(credit(standard()), tmp_path)
    assert back.startswith("AVOIR")
    assert "facture R0042-2026-00009 du 2 septembre 2026" in back
    assert "facture R0042-2026-00010 du 2 octobre 2026" in back
    assert "Virement" not in back
    for text in (rectified, back):
        for stranger in ("Autofacturation", "mandat", "Contestez", "redevable", "Nous vous versons", "support@"):
            assert stranger not in text


def test_a_credit_note_names_every_invoice_however_many(tmp_path: Path) -> None:
    text = read(wide_credit(), tmp_path)
    assert "24 factures, voir ci-dessous" in text
    for earlier in wide_credit().corrects:
        assert re.sub(r"\s+", " ", f"{earlier.number} du {words.day(earlier.issue_date)}") in text


def test_amounts_and_days_are_written_as_the_french_do(tmp_path: Path) -> None:
    text = read(standard(), tmp_path)
    for piece in ("818,33 €", "1 120", "0,3475 €", "20 %", "681,94 €", "2 décembre 2026", "octobre 2026"):
        assert piece in text


@pytest.mark.parametrize(
    ("amount", "written_so"),
    [
        ("1894.32", "1\u202f894,32\u202f€"),
        ("-0.13", "−0,13\u202f€"),
        ("-0.00", "0,00\u202f€"),
        ("1234567.8", "1\u202f234\u202f567,80\u202f€"),
    ],
)
def test_amounts_have_narrow_no_break_spaces(amount: str, written_so: str) -> None:
    assert words.euros(Decimal(amount)) == written_so


@pytest.mark.parametrize(
    ("first", "last", "written_so"),
    [
        (dt.date(2026, 10, 1), dt.date(2026, 10, 31), "octobre 2026"),
        (dt.date(2028, 2, 1), dt.date(2028, 2, 29), "février 2028"),
        (dt.date(2028, 2, 1), dt.date(2028, 2, 28), "1er–28 février 2028"),
        (dt.date(2026, 12, 31), dt.date(2026, 12, 31), "31 décembre 2026"),
        (dt.date(2026, 12, 1), dt.date(2027, 1, 2), "1er décembre 2026 – 2 janvier 2027"),
    ],
)
def test_days_are_written_as_one_says_them(first: dt.date, last: dt.date, written_so: str) -> None:
    assert words.span(first, last).replace(words.FIXED, " ") == written_so


def test_a_negative_line_has_a_true_minus(tmp_path: Path) -> None:
    assert "−0,13 €" in read(negative(), tmp_path)


def test_nothing_to_pay_says_so(tmp_path: Path) -> None:
    text = read(nothing_to_pay(), tmp_path)
    assert "Rien à verser" in text
    assert "Virement" not in text


def test_the_franchise_and_the_debits_are_mentioned_where_they_apply(tmp_path: Path) -> None:
    assert "TVA non applicable, art. 293 B du CGI" in read(franchise(), tmp_path)
    assert "293 B" not in read(standard(), tmp_path)
    both = read(mixed(), tmp_path)
    assert "293 B" in both
    assert "d’après les débits" in both


def test_how_to_contest_and_until_when(tmp_path: Path) -> None:
    text = read(standard(), tmp_path)
    assert "jusqu’au 2 décembre 2026 inclus : https://relais.example/factures" in text


def test_without_a_delay_no_date_and_no_acceptance_is_printed(tmp_path: Path) -> None:
    text = read(replace(standard(), contestable_until=None), tmp_path)
    assert "inclus" not in text
    assert "acceptée" not in text


def test_letters_beyond_latin_1_are_there(tmp_path: Path) -> None:
    text = read(franchise(), tmp_path)
    assert "Yağmur N’Guyen-Wałęsa, EI" in text
    assert "Entrepreneur individuel" in text


def test_more_letters_than_one_subset_holds_stand_where_they_belong(tmp_path: Path) -> None:
    invoice = many_alphabets()
    text = read(invoice, tmp_path, "-layout")
    for line in invoice.lines:
        assert f"{line.label} octobre 2026 {line.quantity} 0,3850" in text


def test_a_letter_that_the_typeface_lacks_is_a_question_mark(tmp_path: Path) -> None:
    text = read(odd_letters(), tmp_path)
    assert "Epícerie <b>& Cie</b> ??? (\\)" in text
    assert "Colis « fragile » octobre" in text


@pytest.mark.parametrize("make", [standard, franchise, long_names, mixed])
def test_only_the_address_stands_in_the_window(make: Callable[[], Content], tmp_path: Path) -> None:
    invoice = make()
    corner = ["-x", "95", "-y", "45", "-W", "115", "-H", "39"]  # mm: the window, and what may slip into it
    text = read(invoice, tmp_path, "-l", "1", "-r", "25.4", *corner)
    assert text.startswith(re.sub(r"\s+", " ", invoice.seller.official_name))
    assert text.strip().endswith(f"{invoice.seller.postcode} {invoice.seller.city.upper()}")
    for stranger in ("Date", "Vendeur", "Acheteur", "Autofacturation", "SIREN"):
        assert stranger not in text


@pytest.mark.parametrize("make", PAPERS.values(), ids=PAPERS.keys())
def test_nothing_overflows_the_margins(make: Callable[[], Content], tmp_path: Path) -> None:
    words_seen = boxes(make(), tmp_path)
    assert words_seen
    for _word, (left, top, right, bottom) in words_seen:
        assert left >= 19.9
        assert right <= 190.6
        assert top >= 8
        assert bottom <= 287


@pytest.mark.parametrize("make", PAPERS.values(), ids=PAPERS.keys())
def test_no_type_is_smaller_than_seven_points(make: Callable[[], Content]) -> None:
    with pikepdf.open(BytesIO(unsealed(make(), b"<a/>"))) as pdf:
        sizes = [float(step.operands[1]) for page in pdf.pages for step in pikepdf.parse_content_stream(page) if str(step.operator) == "Tf"]
    assert min(sizes) >= 7


def test_a_long_mention_pushes_down_what_follows(tmp_path: Path) -> None:
    mentions = tuple(replace(one, text=one.text * 6) if one.code == "self_billing" else one for one in standard().mentions)
    tops = {word: top for word, (_left, top, _right, _bottom) in boxes(replace(standard(), mentions=mentions), tmp_path)}
    assert tops["Vendeur"] > tops["vendeur."] + 4 * 0.9


def test_many_lines_flow_over_pages_with_their_heading_and_number(tmp_path: Path) -> None:
    pages = [read(forty_lines(), tmp_path, "-f", str(page), "-l", str(page)) for page in (1, 2)]
    for page, text in enumerate(pages, start=1):
        assert "Désignation" in text
        assert f"Facture R0042-2026-00011, page {page}/2" in text
    assert "Total TTC" not in pages[0]
    assert "Total TTC" in pages[1]
    for rank in range(1, 41):
        assert f"Service particulier n° {rank} " in " ".join(pages)


@pytest.mark.parametrize("count", range(1, 70))
def test_the_closing_always_has_its_room(count: int, tmp_path: Path) -> None:
    lines = (forty_lines().lines * 2)[:count]
    invoice = replace(forty_lines(), lines=lines)
    text = read(invoice, tmp_path, "-layout")
    assert text.index("Total TTC") < text.index("Un désaccord ?") < text.index("Pas d’escompte")
    assert text.count("Service particulier") == count


@pytest.mark.parametrize(("mark", "word"), [("test", "TEST"), ("draft", "PROJET")])
def test_a_test_or_a_draft_says_so_on_every_page(mark: str, word: str, tmp_path: Path) -> None:
    invoice = replace(forty_lines(), test=mark == "test", draft=mark == "draft")
    for page in "12":
        assert f"{word} :" in read(invoice, tmp_path, "-f", page, "-l", page)
    assert f"{word} :" not in read(forty_lines(), tmp_path)


def test_the_usual_month_is_one_page(tmp_path: Path) -> None:
    text = read(usual(), tmp_path)
    assert "page 1/1" in text
    assert text.count("octobre 2026") >= 12


def test_a_service_with_several_prices_has_its_sums(tmp_path: Path) -> None:
    text = read(standard(), tmp_path, "-layout")
    assert "Colis remis au destinataire 1 620 581,70 € à 0,3850 € octobre 2026 500 0,3850 € 20 % 192,50 €" in text
    assert "Colis déposé par un expéditeur octobre 2026 312 0,2950 € 20 % 92,04 €" in text


def test_what_a_page_carries_is_what_the_next_begins_with(tmp_path: Path) -> None:
    invoice = ten_pages()
    text = read(invoice, tmp_path, "-layout")
    carried = re.findall(r"À reporter ([\d ]+,\d\d) €", text)
    assert len(carried) == int(re.findall(r"page 1/(\d+)", text)[0]) - 1 >= 9
    assert re.findall(r"(?<!À )Report ([\d ]+,\d\d) €", text) == carried
    nets = [line.net for line in invoice.lines]
    sums = {sum(nets[:count], Decimal(0)) for count in range(1, len(nets))}
    assert all(Decimal(amount.replace(" ", "").replace(",", ".")) in sums for amount in carried)


def test_a_service_stays_on_one_page_with_its_prices(tmp_path: Path) -> None:
    count = len(re.findall("page", read(ten_pages(), tmp_path)))
    for page in map(str, range(1, count + 1)):
        text = read(ten_pages(), tmp_path, "-layout", "-f", page, "-l", page)
        assert len(re.findall(r" à [\d,]+ €", text)) == 3 * text.count("Service particulier")


def test_the_widest_amounts_stand_apart(tmp_path: Path) -> None:
    seen = sorted((top, left, right) for _word, (left, top, right, _bottom) in boxes(large(), tmp_path))
    assert words.euros(large().gross) == "9\u202f999\u202f999,99\u202f€"
    for (top, _left, right), (next_top, next_left, _right) in pairwise(seen):
        assert next_top > top + 0.01 or next_left > right


@pytest.mark.parametrize("make", [standard, lettered])
def test_where_to_verify_is_said_in_words_only_where_it_can_be(make: Callable[[], Content], tmp_path: Path) -> None:
    text = read(make(), tmp_path)
    assert ("Vérifier cette facture" in text) == bool(make().verify_url)
    assert make().verify_url in text
