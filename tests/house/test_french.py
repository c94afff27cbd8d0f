"""French is complete: every sentence of ours has its French, in a catalog that is compiled, and no template says anything untranslated."""

import io
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[2]
FLOORS = ("selfbilling", "relays", "invoices")
TEMPLATES = PROJECT / "templates"
FRENCH_BY_LAW = ("emails/invoice.",)
"""The invoice's own message goes out in French, whoever reads it: it is written in French."""

Message = tuple[str | None, str, str | None]
"""Context, msgid, plural."""

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def python_files() -> list[Path]:
    return [file for floor in FLOORS for file in (PROJECT / floor).rglob("*.py") if "migrations" not in file.parts]


def templates() -> list[Path]:
    return [
        file for file in TEMPLATES.rglob("*") if file.is_file() and not file.relative_to(TEMPLATES).as_posix().startswith(FRENCH_BY_LAW)
    ]


def messages(source: str) -> Iterator[Message]:
    """The sentences to translate in Python code."""
    for _line, found, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        texts = [text for text in ((found,) if isinstance(found, str) else found) if isinstance(text, str)]
        if context is not None and texts and texts[0] == context:
            texts = texts[1:]
        if texts and texts[0]:
            yield context, texts[0], texts[1] if len(texts) > 1 else None


def used() -> dict[Message, str]:
    """Every sentence to translate, with the file where it stands."""
    found: dict[Message, str] = {}
    for file in python_files():
        found.update(dict.fromkeys(messages(file.read_text()), str(file.relative_to(PROJECT))))
    for file in templates():
        found.update(dict.fromkeys(messages(templatize(file.read_text(), origin=str(file))), str(file.relative_to(PROJECT))))
    return found


def catalogs() -> list[Path]:
    return sorted(Path(folder) / "fr/LC_MESSAGES/django.po" for folder in settings.LOCALE_PATHS)


def is_french(entry: polib.POEntry) -> bool:
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    return not entry.fuzzy and not entry.obsolete and bool(texts) and all(texts)


def translated(files: list[Path]) -> set[Message]:
    entries = (entry for file in files for entry in polib.pofile(str(file)) if is_french(entry))
    return {(entry.msgctxt or None, entry.msgid, entry.msgid_plural or None) for entry in entries}


def test_every_sentence_has_its_french() -> None:
    french = translated([file for file in catalogs() if file.exists()])
    plain = {(context, text) for context, text, _plural in french}
    missing = {
        message: file for message, file in used().items() if message not in french and (message[2] is not None or message[:2] not in plain)
    }
    assert not missing, "\n" + "\n".join(f"{file}: {message[1]!r}" for message, file in sorted(missing.items(), key=lambda item: item[1]))


def test_the_extractor_sees_what_people_write() -> None:
    counted = "{% blocktranslate count n=n trimmed %}{{ n }} two{% plural %}{{ n }} twos{% endblocktranslate %}"
    template = "{% load i18n %}{% translate 'One' %}" + counted
    assert set(messages(templatize(template))) == {(None, "One", None), (None, "%(n)s two", "%(n)s twos")}
    assert set(messages("_('three'); ngettext('four', 'fours', 4); pgettext('month', 'May')")) == {
        (None, "three", None),
        (None, "four", "fours"),
        ("month", "May", None),
    }


@pytest.mark.parametrize("file", catalogs(), ids=lambda file: file.parts[-5] if file.parts[-5] != "main" else file.parts[-4])
def test_a_catalog_is_compiled_as_it_stands(file: Path) -> None:
    """`make messages` compiles all of them."""
    compiled = file.with_suffix(".mo")
    assert compiled.exists(), f"{compiled} is missing: make messages"

    def said(entries: Iterable[polib.POEntry | polib.MOEntry]) -> dict[Message, object]:
        return {(e.msgctxt or None, e.msgid, e.msgid_plural or None): e.msgstr_plural or e.msgstr for e in entries}

    assert said(polib.mofile(str(compiled))) == said(filter(is_french, polib.pofile(str(file)))), (
        f"{compiled} is out of date: make messages"
    )


def test_one_sentence_has_one_french() -> None:
    """Catalogs are read one after the other: with two, which one is read depends on the folder's name."""
    french: dict[Message, set[str]] = {}
    for file in catalogs():
        for entry in polib.pofile(str(file)):
            text = "|".join(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr
            french.setdefault((entry.msgctxt or None, entry.msgid, None), set()).add(text)
    assert {message[1]: texts for message, texts in french.items() if len(texts) > 1} == {}


def test_french_keeps_what_is_filled_in() -> None:
    """The same %(names)s on both sides, or a page breaks on the day when somebody opens it."""
    wrong = []
    for file in catalogs():
        for entry in polib.pofile(str(file)) if file.exists() else []:
            here = set(re.findall(r"%\((\w+)\)[sd]", entry.msgid + (entry.msgid_plural or "")))
            for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                there = set(re.findall(r"%\((\w+)\)[sd]", text))
                if text and (not there <= here or (not entry.msgid_plural and there != here)):
                    wrong.append(entry.msgid)
    assert wrong == []


def test_french_is_typeset() -> None:
    """A narrow space that does not break before ; : ! ? and inside « », a real apostrophe."""
    wrong = []
    for file in catalogs():
        for entry in polib.pofile(str(file)) if file.exists() else []:
            for text in [entry.msgstr, *entry.msgstr_plural.values()]:
                bare = re.sub(r"<[^>]*>|https?://\S+|%\(\w+\)[sd]|&\w+;", "", text)
                if "'" in bare or re.search(r"[^\u202f\u00a0\d«][;!?»]|\w:(?=\s|$)|[ ][;:!?»]|« ", bare):
                    wrong.append(text)
    assert wrong == []


class _Literal(HTMLParser):
    """What stands in a page outside of tags, and in attributes that are read out."""

    READ = {"alt", "title", "placeholder", "aria-label", "label"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self.skipped.append(tag)
        if dict(attrs).get("lang"):
            self.skipped.append(tag)  # says its own language: « English » is called English everywhere
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and self.skipped[-1] == tag:
            self.skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self.skipped or self.skipped == ["html"]:
            self.found.append(data)


def literal(source: str) -> list[str]:
    """Words in a template that no translate tag holds."""
    source = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", source, flags=re.S)
    source = re.sub(r"{%\s*blocktrans(late)?\b.*?endblocktrans(late)?\s*%}", "", source, flags=re.S)
    source = re.sub(r"{%\s*verbatim.*?endverbatim\s*%}", "", source, flags=re.S)
    source = re.sub(r"{%\s*block body_class\s*%}.*?{%\s*endblock.*?%}", "", source, flags=re.S)  # an attribute
    source = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.S)
    page = _Literal()
    page.feed(source)
    texts = (" ".join(text.split()) for text in page.found)
    return [text for text in texts if set(re.findall(r"[^\W\d_][\w-]+", text)) - NAMES]


NAMES = {"ZIP", "PDF", "XML", "CSV", "SIRET", "SIREN", "IBAN", "Factur-X", "SHA-256"}
"""The same in every language."""


def test_no_template_says_anything_untranslated() -> None:
    said = {file.relative_to(TEMPLATES).as_posix(): literal(file.read_text()) for file in templates()}
    assert {name: words for name, words in said.items() if words} == {}


def test_literal_text_is_found() -> None:
    assert literal('<p title="Hello">{% translate "a" %} there {{ b }}</p>') == ["Hello", "there"]
    assert literal('<span lang="en">English</span> {% blocktranslate %}fine{% endblocktranslate %} 12 €') == []
