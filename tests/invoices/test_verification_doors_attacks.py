"""Every attack does what it is meant to do, and is called valid at neither door.

What it does is seen with poppler: another picture of the first page, or another XML attached; the attacks that change
neither aim at the verifier alone. What poppler's pdfsig says stands beside: it calls many of them validly signed.
"""

import datetime as dt
import functools
import hashlib
import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from lxml import etree

from invoices.models import Invoice
from tests import world
from tests.invoices.at_both_doors import by_the_command, kept, on_the_page
from tests.invoices.attacks import ATTACKS, OURS, SEALED
from tests.invoices.published_attacks import EXTERNAL, LAUGHS, PUBLISHED, SECRET, BeforeAndAfter

pytestmark = [pytest.mark.django_db, pytest.mark.requires("pdfsig", "pdftoppm")]
VALID, WHOLE, WRONG, UNREAD, NONE = "valid", "valid, whole file", "not valid", "not read", "no signature"

HEADLINES = (
    "Ce fichier n’est plus tel qu’il a été cacheté",
    "Le cachet de ce fichier est brisé",
    "Ce PDF ne porte pas de cachet",
    "Ce fichier a été cacheté par quelqu’un d’autre",
)
WHAT_THEY_DO: dict[str, tuple[str, list[str]]] = {
    # name: what a reader sees changed; what pdfsig says of each signature
    "incremental saving": ("page", [VALID]),
    "incremental saving without a table": ("page", [VALID]),
    "incremental saving with a copied seal": ("page", [VALID]),
    "signature wrapping": ("page", [VALID]),
    "universal forgery, contents missing": ("page", [UNREAD]),
    "universal forgery, contents null": ("page", [UNREAD]),
    "universal forgery, contents empty": ("page", [UNREAD]),
    "universal forgery, contents zero": ("page", [UNREAD]),
    "universal forgery, range missing": ("page", [UNREAD]),
    "universal forgery, range null": ("page", [UNREAD]),
    "universal forgery, range zero": ("page", [WRONG]),
    "universal forgery, range negative": ("page", [UNREAD]),
    "shadow: hide": ("page", [VALID]),
    "shadow: replace": ("page", [VALID]),
    "shadow: hide and replace": ("page", [VALID]),
    "evil annotation": ("page", [VALID]),
    "sneaky signature": ("page", [VALID, WHOLE]),
    "a stranger with our name": ("page", [WHOLE]),
    "another XML": ("XML", [VALID]),
    "billion laughs": ("XML", [VALID]),
    "external entity": ("XML", [VALID]),
    "shadowed": ("page", [VALID]),
    "catalog_changed": ("nothing", [VALID]),
    "unsealed_by_update": ("nothing", [VALID]),
    "unsealed_by_rewriting": ("nothing", [NONE]),
    "rewritten": ("nothing", [UNREAD]),
    "seal_renamed": ("nothing", [UNREAD]),
    "never_sealed": ("nothing", [NONE]),
    "signed_again_as_the_tutorial_has_it": ("nothing", [VALID, WHOLE]),
    "signed_again_in_our_own_form": ("nothing", [VALID, WHOLE]),
    "embedded_in_another": ("page", [NONE]),
    "place_widened_over_the_dictionary": ("nothing", [WRONG]),
    "covering_less": ("nothing", [WRONG]),
    "covering_not_the_beginning": ("nothing", [WRONG]),
    "overlapping": ("nothing", [WRONG]),
    "contents_emptied": ("nothing", [UNREAD]),
    "contents_zeroed": ("nothing", [UNREAD]),
    "contents_null": ("nothing", [UNREAD]),
    "byte_range_below_zero": ("nothing", [UNREAD]),
    "byte_range_of_one_piece": ("nothing", [WRONG]),
    "digits_moved": ("nothing", [UNREAD]),
    "digits_moved_to_where_a_text_says": ("XML", [UNREAD]),  # another invoice, without XML
    "digits_moved_before_a_text_that_says_so": ("XML", [UNREAD]),  # likewise
    "certificates_exchanged": ("nothing", [WHOLE]),
    "sealed_by_a_stranger_over_a_part": ("nothing", [WRONG]),
    "cms_of_another_invoice": ("nothing", [WRONG]),
    "our_certificate_beside_a_stranger_signature": ("nothing", [WRONG]),
    "a_certificate_added_to_the_bag": ("nothing", [UNREAD]),
    "something_behind_the_cms": ("nothing", [VALID]),
}


def all_attacks() -> dict[str, Callable[[], BeforeAndAfter]]:
    return PUBLISHED | {attack.__name__: functools.partial(_on_the_sealed, attack) for attack in ATTACKS}


def _on_the_sealed(attack: Callable[[], bytes]) -> BeforeAndAfter:
    return SEALED, attack()


@functools.cache
def done(name: str) -> BeforeAndAfter:
    return all_attacks()[name]()


NAMES = list(all_attacks())


@pytest.fixture(autouse=True)
def november(invoice: Invoice) -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        kept(SEALED, ours=OURS, invoice=invoice)
        yield


def picture(pdf: bytes, folder: Path) -> bytes:
    """The first page as poppler shows it."""
    file = folder / "shown.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftoppm", "-r", "40", "-gray", "-l", "1", file], capture_output=True, check=True).stdout


def attachment(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as read:
        return bytes(read.attachments["factur-x.xml"].get_file().read_bytes()) if read.attachments else b""


def changed(before: bytes, after: bytes, folder: Path) -> str:
    if picture(before, folder) != picture(after, folder):
        return "page"
    return "XML" if attachment(before) != attachment(after) else "nothing"


def by_pdfsig(pdf: bytes, folder: Path) -> list[str]:
    """What pdfsig says of each signature."""
    file = folder / "signed.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
    found = []
    for signature in said.split("Signature #")[1:]:
        if "Signature is Valid" in signature:
            found.append(VALID if "Not total document signed" in signature else WHOLE)
        else:
            found.append(WRONG if "Mismatch" in signature or "is Invalid" in signature else UNREAD)
    return found or [NONE]


@pytest.mark.parametrize("name", NAMES)
def test_it_does_what_it_is_meant_to(name: str, tmp_path: Path) -> None:
    before, after = done(name)
    assert (changed(before, after, tmp_path), by_pdfsig(after, tmp_path)) == WHAT_THEY_DO[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_calls_none_valid(name: str) -> None:
    _, after = done(name)
    said = on_the_page(after, address=f"192.0.2.{NAMES.index(name)}")
    assert said.startswith(HEADLINES)
    assert ("quelqu’un d’autre" in said) == (name == "a stranger with our name")
    assert "Niveau" not in said or name == "a stranger with our name"


def test_the_command_calls_none_valid(tmp_path: Path) -> None:
    files = []
    for number, name in enumerate(NAMES):
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(done(name)[1])
    status, lines = by_the_command(*files)
    assert status == 1
    words = dict(zip(NAMES, (line.partition(": ")[2].partition(".")[0] for line in lines), strict=True))
    assert words.pop("a stranger with our name") == "NOT OURS"
    assert set(words.values()) == {"NOT VALID"}


def test_each_attack_is_in_the_table() -> None:
    assert list(WHAT_THEY_DO) == NAMES


def test_the_file_that_they_attack_is_valid(tmp_path: Path) -> None:
    assert by_pdfsig(SEALED, tmp_path) == [WHOLE]
    file = tmp_path / "sealed.pdf"
    file.write_bytes(SEALED)
    assert by_the_command(file)[0] == 0
    for before in {hashlib.sha256(done(name)[0]).hexdigest(): done(name)[0] for name in NAMES}.values():
        assert by_pdfsig(before, tmp_path) == [WHOLE]


def test_a_careless_reader_of_the_xml_would_be_caught(tmp_path: Path) -> None:
    """So the entities in the two XML attachments are no dummies: one grows to 2 GB, one fetches a file of the machine."""
    assert LAUGHS.count(b"&a") == 91
    assert attachment(done("billion laughs")[1]) == LAUGHS
    with pytest.raises(etree.XMLSyntaxError, match=r"amplification|loop"):
        etree.fromstring(LAUGHS, etree.XMLParser(resolve_entities=True))
    assert attachment(done("external entity")[1]) == EXTERNAL
    careless = etree.fromstring(EXTERNAL, etree.XMLParser(resolve_entities=True, load_dtd=True))
    assert careless.text == Path(SECRET.removeprefix("file://")).read_text()
