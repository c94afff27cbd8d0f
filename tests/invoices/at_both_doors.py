"""The two doors at which anybody's file is judged: the page and the command."""

import io
import re
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from invoices import recording
from invoices.models import Document, Invoice
from invoices.sealing.keys import Home
from tests import cast

PAGE = "/verifier/"


def kept(pdf: bytes, *, ours: dict[str, Home], invoice: Invoice, level: str = "B-B", renews: Document | None = None) -> Document:
    """That sealed file in the register."""
    verified = recording.verified(pdf, ours=ours, level=level, of=invoice)
    document = recording.document(invoice, verified=verified, home=Home.SOFTWARE, renews=renews)
    document.save()
    return document


def on_the_page(pdf: bytes, *, address: str = "127.0.0.1") -> str:
    """What the page says of a file, without its tags, on one line."""
    answer = cast.browser().post(PAGE, {"file": SimpleUploadedFile("facture.pdf", pdf)}, REMOTE_ADDR=address)
    assert answer.status_code == 200
    main = answer.content.decode().partition('id="content">')[2].partition("<h2>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def by_the_command(*files: Path) -> tuple[int, list[str]]:
    """The command's status, and its lines."""
    out, status = io.StringIO(), 0
    try:
        call_command("verify", *map(str, files), stdout=out)
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, out.getvalue().splitlines()
