"""A file -> rows: every shape that the contract allows, and one clear error for a file that is no table."""

import os
import tracemalloc
from pathlib import Path
from typing import NamedTuple

import pytest

from selfbilling.tabular.cells import filled_text, text, whole
from selfbilling.tabular.reading import BadFile, Column, Record, Table, shown

HEADER = b"code,number,label\n"


class Thing(NamedTuple):
    code: str
    number: int
    label: str | None


TABLE = Table(
    "things",
    Column("code", filled_text(longest=5)),
    Column("number", whole(least=0, most=99)),
    Column("label", text(longest=200_000), optional=True),
    make=Thing,
)


def read(path: Path, content: bytes) -> list[Record[Thing]]:
    file = path / "things.csv"
    file.write_bytes(content)
    return list(TABLE.records(TABLE.file(file)))


def rows(path: Path, content: bytes) -> list[tuple[int, Thing | None]]:
    return [(record.line, record.row) for record in read(path, content)]


def error(path: Path, content: bytes) -> str:
    with pytest.raises(BadFile) as bad:
        read(path, content)
    return str(bad.value)


ONE = [(2, Thing("A", 1, "x")), (3, Thing("B", 2, "y"))]


@pytest.mark.parametrize(
    "content",
    [
        b"code,number,label\nA,1,x\nB,2,y\n",
        b"code;number;label\nA;1;x\nB;2;y",
        b"\xef\xbb\xbfcode,number,label\r\nA,1,x\r\nB,2,y\r\n",
        b"code,number,label\r\nA,1,x\nB,2,y\r\n",
        b'"code";"number";"label"\n"A";"1";"x"\n"B";"2";"y"\n',
        b"label,code,number\nx,A,1\ny,B,2\n",
        b" code , number , label \n A , 1 , x \nB,2,y\n",
        b"code,extra,number,label,extra\nA,?,1,x,\nB,\xc3\xa9,2,y,\x01\n",
        b'code;number;label;"a, b, c, d, e"\nA;1;x;\nB;2;y;\n',
    ],
    ids=["comma", "semicolon", "bom crlf", "mixed", "quoted", "other order", "padded", "unknown columns", "commas in an unknown column"],
)
def test_what_the_contract_allows_is_read(tmp_path: Path, content: bytes) -> None:
    assert rows(tmp_path, content) == ONE


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    content = b"\n  \ncode,number,label\n\nA,1,x\r\n\r\n \t \n,,\nB,2,y\n\n"
    assert rows(tmp_path, content) == [(5, Thing("A", 1, "x")), (9, Thing("B", 2, "y"))]


def test_a_quoted_line_break_keeps_the_files_line_numbers(tmp_path: Path) -> None:
    content = b'code,number,label\nA,1,"one\r\ntwo\nthree"\nB,x,y\n'
    first, second = read(tmp_path, content)
    assert (first.line, first.row) == (2, Thing("A", 1, "one two three"))
    assert (second.line, [problem.column for problem in second.problems]) == (5, ["number"])


def test_an_optional_column_that_lacks_is_none_and_an_empty_one_is_empty(tmp_path: Path) -> None:
    assert rows(tmp_path, b"code,number\nA,1\n") == [(2, Thing("A", 1, None))]
    assert rows(tmp_path, b"code,number,label\nA,1,\n") == [(2, Thing("A", 1, ""))]


def test_every_bad_cell_of_a_row_is_a_problem(tmp_path: Path) -> None:
    (record,) = read(tmp_path, HEADER + "ABCDEF,1.5,é\n".encode())
    assert record.row is None
    assert [(problem.column, problem.value) for problem in record.problems] == [("code", "ABCDEF"), ("number", "1.5")]
    assert record.known == {"label": "é"}
    assert record.part("label") == ("é",)
    assert record.part("code", "label") is None


@pytest.mark.parametrize(("row", "said"), [(b"A,1", "has 2 cells"), (b"A,1,x,y", "has 4 cells"), (b"A,1,x,", "has 4 cells")])
def test_a_row_has_as_many_cells_as_the_header(tmp_path: Path, row: bytes, said: str) -> None:
    bad, good = read(tmp_path, HEADER + row + b"\nB,2,y\n")
    assert said in bad.problems[0].reason
    assert bad.known["code"] == "A"
    assert good.row == Thing("B", 2, "y")


def test_a_quote_inside_a_quoted_value_is_a_bad_row_and_the_next_is_read(tmp_path: Path) -> None:
    bad, good = read(tmp_path, HEADER + b'A,1,"Le "Relais" SARL"\nB,2,y\n')
    assert (bad.line, bad.problems[0].reason) == (2, "has something after a closing quote")
    assert (good.line, good.row) == (3, Thing("B", 2, "y"))


def test_a_quote_that_never_closes_is_named_by_its_line(tmp_path: Path) -> None:
    assert "row that starts on line 3 is too long or does not end" in error(tmp_path, HEADER + b'A,1,x\nB,2,"y\nC,3,z\n')
    assert "line 2 is too long or does not end" in error(tmp_path, HEADER + b'A,1,"' + b"x\n" * 100_000)
    assert "quotes of its header" in error(tmp_path, b'code,number,"label\nA,1,x\n')


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n \n"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    assert "is empty; its first line must name the columns: code, number, label" in error(tmp_path, content)


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER) == []


def test_a_file_without_header_says_so(tmp_path: Path) -> None:
    assert "line 1 is no header" in error(tmp_path, b"A,1,x\nB,2,y\n")


def test_a_missing_column_is_one_error_that_names_it(tmp_path: Path) -> None:
    assert error(tmp_path, b"code,label\nA,x\n").endswith("its header lacks number; add what is missing and import again")


def test_a_column_named_twice_is_one_error(tmp_path: Path) -> None:
    assert "names number twice" in error(tmp_path, b"code,number,number\nA,1,2\n")


def test_what_is_not_utf8_is_said_with_line_and_byte(tmp_path: Path) -> None:
    content = HEADER + b"A,1,x\n" * 200_000 + "Bâ,2,y\n".encode("latin-1")
    place = len(HEADER) + 6 * 200_000 + 2
    assert f"is not UTF-8 (line 200002, byte {place})" in error(tmp_path, content)
    assert f"is not UTF-8 (line 3, byte {len(HEADER) + 6 + 2})" in error(tmp_path, HEADER + b"A,1,x\nB\xc3")
    row = b"A,1," + b"x" * 80 + b"\n"
    chunk = HEADER + row * 12_000
    torn = chunk + b"A,1," + b"x" * ((1 << 20) - len(chunk) - 5) + b"\xc3" + b"A\n"  # half a letter at the end of a chunk
    assert f"is not UTF-8 (line 12002, byte {1 << 20})" in error(tmp_path, torn)
    assert "is not UTF-8 (line 1, byte 1)" in error(tmp_path, "code,number,label\n".encode("utf-16"))
    assert "UTF-16" in error(tmp_path, "code,number,label\n".encode("utf-16-le"))


def test_a_nul_is_a_bad_row(tmp_path: Path) -> None:
    bad, good = read(tmp_path, HEADER + b"A,1,x\x00\nB,2,y\n")
    assert bad.problems[0].reason == "has a control character (U+0000)"
    assert bad.problems[0].value == "x\\x00"
    assert good.row is not None


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path, said in [(tmp_path, "is not a file"), (tmp_path / "none.csv", "there is no such file"), (Path("a\x00b"), "cannot be opened")]:
        with pytest.raises(BadFile, match=said):
            list(TABLE.records(TABLE.file(path)))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadFile, match="is not a file"):
        list(TABLE.records(TABLE.file(tmp_path / "pipe")))


@pytest.mark.parametrize(
    "start", [b"code,number,label\nA,1,", b'code,number,label\nA,1,"', b"", HEADER + b'"a\n","'], ids=["cell", "quoted", "header", "cells"]
)
def test_a_gigantic_row_is_refused_before_it_fills_the_memory(tmp_path: Path, start: bytes) -> None:
    file = tmp_path / "things.csv"
    with file.open("wb") as out:
        out.write(start)
        for _ in range(200):
            out.write(b"xxx," * 25_000)
    tracemalloc.start()
    with pytest.raises(BadFile, match="does not end"):
        list(TABLE.records(TABLE.file(file)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15_000_000  # bytes, of a file of 20,000,000


def test_rows_are_read_one_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "things.csv"
    file.write_bytes(HEADER + b"A,1,some label or other\n" * 200_000)
    seen: list[tuple[int, int]] = []
    tracemalloc.start()
    count = sum(1 for _ in TABLE.records(TABLE.file(file, watch=lambda done, size: seen.append((done, size)))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 2_000_000
    assert seen == sorted(seen)
    assert seen[-1] == (file.stat().st_size, file.stat().st_size)


def test_a_value_is_shown_so_that_a_terminal_obeys_nothing() -> None:
    assert shown("\x1b[31mred\u202e") == "\\x1b[31mred\\u202e"
    assert shown("é" * 100) == "é" * 59 + "…"
