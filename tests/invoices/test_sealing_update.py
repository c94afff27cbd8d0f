"""What is appended to a PDF keeps what was there, and a file in another form than ours is refused, not guessed at."""

import io
import re

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.sealing.seal import seal
from invoices.sealing.update import Original, appended, dictionary, stream, written
from tests.invoices.seals import NOW, invoice_pdf, key_named, plain_pdf

PLAIN = plain_pdf(pages=3)


def test_new_and_changed_objects_are_read_by_others() -> None:
    original = Original(PLAIN)
    catalog = original.entries(original.catalog) | {b"/Thing": b"%d 0 R" % original.next_number}
    pdf, _ = appended(original, {original.catalog: written(catalog), original.next_number: stream(b"endobj %%EOF\n")})
    assert pdf.startswith(PLAIN)
    with pikepdf.open(io.BytesIO(pdf)) as read:
        assert read.Root.Thing.read_bytes() == b"endobj %%EOF\n"
        assert len(read.pages) == 3
        assert read.check_pdf_syntax() == []
    again = Original(pdf)
    assert again.added_from() == len(PLAIN)
    assert again.stream(original.next_number) == b"endobj %%EOF\n"
    assert again.entries(again.catalog) == catalog


def test_the_first_identifier_stays_and_the_second_changes() -> None:
    original = Original(PLAIN)
    pdf, _ = appended(original, {original.next_number: written({b"/A": b"1"})})
    with pikepdf.open(io.BytesIO(PLAIN)) as before, pikepdf.open(io.BytesIO(pdf)) as after:
        assert after.trailer.ID[0] == before.trailer.ID[0]
        assert after.trailer.ID[1] != before.trailer.ID[1]


def test_a_page_that_has_an_annotation_keeps_it() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PLAIN)) as pdf:
        note = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9]))
        pdf.pages[0].Annots = pikepdf.Array([note])
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    with pikepdf.open(io.BytesIO(seal(out.getvalue(), key=key_named("Réseau Relais", elliptic=True), at=NOW))) as sealed:
        assert [str(one.Subtype) for one in sealed.pages[0].Annots] == ["/Text", "/Widget"]


NOT_OURS = {
    "nothing": b"",
    "no end": PLAIN[:-9],
    "a cross-reference stream": invoice_pdf(streams=pikepdf.ObjectStreamMode.generate),
    "a table elsewhere": re.sub(rb"startxref\n\d+", b"startxref\n12", PLAIN),
    "another object where the catalog should be": re.sub(rb"/Root \d+ 0 R", b"/Root 1 0 R", PLAIN),
    "no catalog": re.sub(rb"/Root \d+ 0 R", b"/Root 999 0 R", PLAIN),
    "an encrypted file": PLAIN.replace(b"trailer\n<<", b"trailer\n<<\n/Encrypt 1 0 R"),
    "a hybrid file": PLAIN.replace(b"trailer\n<<", b"trailer\n<<\n/XRefStm 1"),
    "a table before itself": re.sub(rb"trailer\n<<(.*)startxref\n(\d+)", rb"trailer\n<<\n/Prev \2\1startxref\n\2", PLAIN, flags=re.DOTALL),
}


@pytest.mark.parametrize("pdf", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_a_file_in_another_form_is_refused(pdf: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        seal(pdf, key=key_named("Réseau Relais", elliptic=True), at=NOW)


def test_a_dictionary_is_read_as_it_is_written() -> None:
    data = rb"<</A/B/C[1 0 R<</D(\)>>) >>]/E<00ff>/F -1.5 /G true>>/H 1"
    assert dictionary(data, at=0) == {b"/A": b"/B", b"/C": rb"[1 0 R<</D(\)>>) >>]", b"/E": b"<00ff>", b"/F": b"-1.5", b"/G": b"true"}


NO_DICTIONARIES = [b"<<", b"<</A>>", b"<</A 1/A 2>>", b"<<1 2>>", b"<</A [>>", b"<</A (>>", b"[1]", b"<</A ]>>"]


@pytest.mark.parametrize("data", [*NO_DICTIONARIES, b"<</A 1" + b" 1" * 50_000 + b">>"], ids=range(9))
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        dictionary(data, at=0)


@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=30))
def test_no_damage_leads_to_anything_but_a_refusal_or_an_update(at: int, anything: bytes) -> None:
    damaged = PLAIN[:at] + anything + PLAIN[at + len(anything) :]
    try:
        original = Original(damaged)
        pdf, _ = appended(original, {original.first_page(): b"<<\n>>"})
    except ValueError:
        return
    assert pdf.startswith(damaged)
