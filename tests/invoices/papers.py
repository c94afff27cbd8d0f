"""Sample contents for tests of the page: what a whole month, a letterhead, an annex and a year's backlog look like."""

import datetime as dt
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from invoices.document.content import Content, DayCount, Letterhead, Line, Preceding
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from tests.invoices.contents import COBBLER, FRANCHISE, SAMPLES, content, corrective, credit, franchise, line, long_names, standard

MM = 72 / 25.4
VERIFY = "https://relais.example/verifier/kX3v9Qe_T5mZ1rYb8uLw2A"


def logo(kind: str = "PNG", *, size: tuple[int, int] = (900, 300)) -> bytes:
    """A green disc and a bar; as PNG with a transparent ground."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    pencil = ImageDraw.Draw(picture)
    pencil.ellipse((10, 10, size[1] - 10, size[1] - 10), fill=(11, 93, 75, 255))
    pencil.rectangle((size[1] + 20, size[1] // 3, size[0] - 10, size[1] * 2 // 3), fill=(11, 93, 75, 128))
    file = BytesIO()
    (picture if kind == "PNG" else picture.convert("RGB")).save(file, kind)
    return file.getvalue()


LETTERHEAD = Letterhead(
    logo=logo(),
    colour="#0b5d4b",
    slogan="Vos colis, au coin de la rue",
    footer="Réseau Relais Démonstration, 18 avenue du Général-Leclerc, 92100 Boulogne-Billancourt\nreseau-relais.example",
)


def bands(label: str, *, service: str, first: str) -> list[Line]:
    """One service at three prices."""
    prices = [Decimal(first) - step * Decimal("0.0300") for step in range(3)]
    return [line(label, quantity=200 + 40 * rank, price=f"{price:.4f}", service=service) for rank, price in enumerate(prices)]


def usual() -> Content:
    """The usual month at its fullest: twelve lines of four services, a code to scan, every mention."""
    services = (
        ("Colis remis au destinataire", "LIV", "0.3850"),
        ("Colis déposé par un expéditeur", "DEP", "0.2950"),
        ("Retour de colis non réclamé", "RET", "0.2000"),
        ("Garde prolongée", "GRD", "0.1500"),
    )
    lines = [one for label, service, first in services for one in bands(label, service=service, first=first)]
    return replace(content(lines), verify_url=VERIFY)


def lettered() -> Content:
    """On the operator's paper, with a code to scan."""
    return replace(standard(), verify_url=VERIFY, letterhead=LETTERHEAD)


def annexed() -> Content:
    """The same with what was counted each day, for seven services: more than stand side by side."""
    labels = [
        *(one.label for one in standard().lines[1:]),
        "Garde prolongée",
        "Colis lourd",
        "Étiquette imprimée",
        "Colis remis à un tiers",
    ]
    counts = [
        DayCount(day=dt.date(2026, 10, day), label=label, quantity=(day * 37 + rank * 11) % 90)
        for day in range(1, 32)
        for rank, label in enumerate(labels)
        if (day + rank) % 7
    ]
    return replace(lettered(), day_counts=tuple(counts))


def ten_pages() -> Content:
    """A backlog: a hundred and thirty services at three prices each."""
    lines = [one for rank in range(1, 131) for one in bands(f"Service particulier n° {rank}", service=f"SP{rank}", first=f"9.{rank:03}0")]
    return replace(content(lines), verify_url=VERIFY)


def large() -> Content:
    """Ten million but for a cent: the widest amounts there are."""
    lines = [line(quantity=9999999, price="1.0000", treatment=FRANCHISE), line("Prime", quantity=1, price="0.9900", treatment=FRANCHISE)]
    return content(lines, seller=COBBLER)


def wide_credit() -> Content:
    """What two years of invoices are given back by."""
    months = [dt.date(2024 + rank // 12, rank % 12 + 1, 2) for rank in range(24)]
    earlier = tuple(Preceding(number=f"R0042-{day:%Y}-{day.month:05}", issue_date=day) for day in months)
    return replace(credit(standard()), corrects=earlier, verify_url=VERIFY)


PAPERS: dict[str, Callable[[], Content]] = {
    **SAMPLES,
    **{make.__name__: make for make in (usual, lettered, annexed, ten_pages, large, wide_credit)},
    "corrective": lambda: replace(corrective(standard()), verify_url=VERIFY),
    "credit": lambda: credit(franchise()),
    "test": lambda: replace(annexed(), test=True),
    "draft": lambda: replace(long_names(), draft=True),
}


def read(invoice: Content, folder: Path, *options: str) -> str:
    """What pdftotext reads, spaces of all kinds as plain ones, lines joined."""
    text = _poppler("pdftotext", invoice, folder, *options)
    return re.sub(r"\s+", " ", text)


def heard(invoice: Content, folder: Path) -> list[str]:
    """What somebody hears who cannot see, element by element: "H1 FACTURE — Autofacturation"."""
    said: list[str] = []
    for row in _poppler("pdfinfo", invoice, folder, "-struct-text", output=()).splitlines():
        kind = re.fullmatch(r" *(H\d|P|TH|TD|TR|Table|Figure)(?::| \(block\))?", row)
        text = re.fullmatch(r' *"(.*)"', row)
        if kind:
            said.append(kind[1])
        elif text:
            said[-1] = " ".join((said[-1], *text[1].split()))
    return said


def boxes(invoice: Content, folder: Path) -> list[tuple[str, tuple[float, ...]]]:
    """Each word with its left, top, right, bottom in millimetres."""
    found = re.findall(
        r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', _poppler("pdftotext", invoice, folder, "-bbox")
    )
    return [(word, tuple(float(edge) / MM for edge in edges)) for *edges, word in found]


def _poppler(program: str, invoice: Content, folder: Path, *options: str, output: tuple[str, ...] = ("-",)) -> str:
    file = folder / "invoice.pdf"
    file.write_bytes(unsealed(invoice, cii(invoice)))
    return subprocess.run([program, *options, str(file), *output], check=True, capture_output=True).stdout.decode()
