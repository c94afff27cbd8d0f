"""Is this file one of our sealed invoices? Seal, certificate, and the register; one answer for the page and the command."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invoices.models import Document, Invoice
from invoices.production import certificate_of, original, our_certificates
from invoices.sealing.confined import LARGEST, Judge, Judgement, NoJudge, NotJudged, Stamp, told
from invoices.sealing.verdicts import Kind, Verdict
from invoices.sealing.verification import verify
from selfbilling.errors import Unavailable

_END_OF_FILE = re.compile(rb"%%EOF\r?\n?")
_MOST_ENDS = 100  # of a file's; ours have one, and one more for each renewal of a timestamp


class CannotJudgeNow(Unavailable):
    """The process that judges did not answer: that says nothing of the file."""

    def __init__(self) -> None:
        super().__init__(gettext("We could not verify this file just now. Try again in a few minutes."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of a kind of file, and what to do with one. word: the command's; ask_us: our address belongs behind the remedy."""

    word: str
    headline: "str | Promise"
    sentence: "str | Promise"
    remedy: "str | Promise" = ""
    ask_us: bool = False


_ORIGINAL = _("Do not rely on it. Download your invoice again from your account, or ask whoever sent it to you for the original file.")
ANSWERS = {
    Kind.OURS: Answer(
        word="VALID",
        headline=_("Yes, this is one of our invoices, unchanged"),
        sentence=_("It is, byte for byte, the file that we sealed and keep."),
    ),
    Kind.ALTERED: Answer(
        word="NOT VALID",
        headline=_("This file is not as it was when it was sealed"),
        sentence=_("Something was changed, added or lost since: what you read in it may not be what was issued."),
        remedy=_ORIGINAL,
    ),
    Kind.BROKEN: Answer(
        word="NOT VALID",
        headline=_("The seal of this file is broken"),
        sentence=_("It has a seal, which is damaged or is not one of ours: it proves nothing."),
        remedy=_ORIGINAL,
    ),
    Kind.OTHERS: Answer(
        word="NOT OURS",
        headline=_("This file was sealed by somebody else"),
        sentence=_("It has not changed since, but the seal is not ours: this is not one of our invoices, whatever name it bears."),
        remedy=_("If you received it in our name, do not rely on it, and send it to us:"),
        ask_us=True,
    ),
    Kind.NOT_SEALED: Answer(
        word="NOT VALID",
        headline=_("This PDF has no seal"),
        sentence=_("Each of our invoices carries a seal. A scan, a printed copy or a file saved again by another program loses it."),
        remedy=_("Try with the file that you received by e-mail or downloaded here."),
    ),
    Kind.NOT_A_PDF: Answer(
        word="NOT VALID",
        headline=_("This file is not a PDF"),
        sentence=_("Our invoices are PDF files."),
        remedy=_("Choose the one that you received by e-mail or downloaded here."),
    ),
}
NOT_KEPT = Answer(
    word="VALID",
    headline=_("Sealed by us, but not in our register"),
    sentence=_("The seal is ours and holds, but none of the files that we keep is this one, byte for byte."),
    remedy=_("Do not rely on it, and send it to us:"),
    ask_us=True,
)
"""Instead of what is said of ours, if the register has no such file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a file turned out to be.

    document: the register's, or the renewal of one, whose very bytes these are, if the file is ours. inside: the
    register's with which the file begins, whole, if something came behind it. Only who has the file learns of either.
    """

    verdict: Verdict
    stamps: tuple[Stamp, ...] = ()
    document: Document | None = None
    inside: Document | None = None

    @property
    def answer(self) -> Answer:
        """What to say of it."""
        return NOT_KEPT if self.verdict.ours and self.document is None else ANSWERS[self.verdict.kind]

    @property
    def why(self) -> str:
        """The verdict's reason, in the language of the door."""
        return gettext(self.verdict.reason.value) % self.verdict.values


def prove(data: bytes) -> Proof:
    """Judge a file that somebody has, whoever they are: of others' invoices it says nothing that the file does not show.

    Raises CannotJudgeNow.
    """
    with _judge() as judge:
        return _proven(data, judge=judge)


def prove_kept(invoice: Invoice) -> Proof | None:
    """Judge the file that we keep of an issued invoice; None: it is not sealed yet.

    Here, since it is no stranger's. Raises Unavailable if the archive cannot be read, or has other bytes than were put there.
    """
    document = Document.objects.filter(invoice=invoice, renewed_by=None).first()
    if document is None:
        return None
    data = original(document)
    return _proof(told(verify(data, ours=certificate_of(document), authorities=settings.TIMESTAMP_ROOTS)), data=data)


def _judge() -> Judge:
    return Judge(ours=our_certificates(), authorities=settings.TIMESTAMP_ROOTS)


def _proven(data: bytes, *, judge: Judge) -> Proof:
    try:
        return _proof(judge.judge(data), data=data)
    except (NoJudge, NotJudged) as error:
        raise CannotJudgeNow from error


def _proof(judgement: Judgement, *, data: bytes) -> Proof:
    verdict = judgement.verdict
    documents = Document.objects.select_related("invoice")
    document = documents.filter(sha256=verdict.sha256).first() if verdict.ours else None
    inside = None
    if document is None:
        inside = documents.filter(sha256__in=_beginnings(data)).order_by("-size").first()
    return Proof(verdict=verdict, stamps=judgement.stamps, document=document, inside=inside)


def _beginnings(data: bytes) -> list[str]:
    """The SHA-256 of each file with which this one begins, itself left out."""
    digest, done, found = hashlib.sha256(), 0, []
    for match in islice(_END_OF_FILE.finditer(data), _MOST_ENDS):
        digest.update(memoryview(data)[done : match.end()])
        done = match.end()
        if done < len(data):
            found.append(digest.hexdigest())
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A file's verdict in one line. ours: valid, and by a certificate of ours."""

    ours: bool
    sentence: str


def judge(files: Sequence[Path]) -> Iterator[Judged]:
    """Judge each file, in order; all in one process, as long as none breaks it."""
    with _judge() as process:
        for file in files:
            yield _judged(file, judge=process)


def _judged(file: Path, *, judge: Judge) -> Judged:
    """An unreadable file is not ours either: the sentence says why."""
    name = "".join(character if character.isprintable() else "�" for character in str(file))  # one line, whatever it is called
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
        if len(data) > LARGEST:
            return Judged(ours=False, sentence=f"{name}: NOT VALID. Larger than {LARGEST >> 20} MB: no file of ours is.")
        proof = _proven(data, judge=judge)
    except OSError as error:
        return Judged(ours=False, sentence=f"{name}: NOT READ. {error.strerror}.")
    except CannotJudgeNow as error:
        return Judged(ours=False, sentence=f"{name}: NOT READ. {error}")
    told = [f"{name}: {proof.answer.word}.", f"{proof.answer.headline}.", proof.why]
    if proof.verdict.ours:
        told += _details(proof)
    if proof.inside:
        told.append(f"Invoice {proof.inside.invoice.number} as we sealed it is the beginning of it.")
    return Judged(ours=proof.verdict.ours, sentence=" ".join(told))


def _details(proof: Proof) -> Iterator[str]:
    """What else is known of a file of ours."""
    verdict = proof.verdict
    if proof.document:
        yield f"Invoice {proof.document.invoice.number}."
    yield f"Level: {verdict.level}, PAdES {verdict.pades}, sealed {verdict.sealed_at:%Y-%m-%d %H:%M} UTC."
    for stamp in proof.stamps:
        yield f"Timestamped {stamp.at:%Y-%m-%d %H:%M} UTC by « {stamp.authority} », a proof until {stamp.ends:%Y-%m-%d}."
