"""A file that somebody sends: told by its content, its name made harmless."""

import pytest

from selfbilling.files import AT_MOST, Checked, Locked, NotReadable, TooBig, checked, harmless
from tests.sent_files import image, pdf


@pytest.mark.parametrize(
    ("name", "data", "content_type", "kept"),
    [
        ("bordereau.pdf", pdf(), "application/pdf", "bordereau.pdf"),
        ("photo.PNG", image("PNG"), "image/png", "photo.png"),
        ("IMG_1.jpeg", image("JPEG"), "image/jpeg", "IMG_1.jpg"),
        ("invoice.pdf", image("JPEG"), "image/jpeg", "invoice.jpg"),  # whatever it is called
        ("page.html", pdf(), "application/pdf", "page.pdf"),
    ],
)
def test_it_is_what_its_content_says(name: str, data: bytes, content_type: str, kept: str) -> None:
    assert checked(name=name, data=data) == Checked(name=kept, content_type=content_type, data=data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"MZ\x90\x00",
        b"GIF89a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b" " + pdf(),
        b"%PDF-1.7\nnothing",
        image("PNG")[:40],
        image("JPEG", size=(400, 300))[:300],
        b"\xff\xd8\xff" + b"<script>" * 20,
    ],
)
def test_what_is_something_else_or_broken_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable, match="PDF"):
        checked(name="facture.pdf", data=data)


def test_a_picture_that_unpacks_to_a_flood_is_refused() -> None:
    flood = image("PNG", size=(9000, 9000))
    assert len(flood) < 50_000
    with pytest.raises(NotReadable):
        checked(name="a.png", data=flood)


def test_a_pdf_with_a_password_says_so() -> None:
    with pytest.raises(Locked, match="mot de passe"):
        checked(name="a.pdf", data=pdf(password="secret"))


def test_ten_megabytes_at_most() -> None:
    padded = pdf().replace(b"%%EOF", b"%" + b" " * AT_MOST + b"\n%%EOF")
    with pytest.raises(TooBig, match=r"10.Mo"):
        checked(name="a.pdf", data=padded)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\alice\\Bordereau d’octobre – N’Guyen.pdf", "Bordereau d’octobre – N’Guyen.pdf"),
        ("\u202efdp.exe", "_fdp.pdf".removeprefix("_")),
        ('a"\r\nSet-Cookie: x.pdf', "a___Set-Cookie_ x.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "fichier.pdf"),
        ("…", "fichier.pdf"),
        ("<script>.pdf", "script.pdf"),
        ("Œuvre " * 60 + ".pdf", ("Œuvre " * 60)[:116].strip() + ".pdf"),
    ],
)
def test_its_name_is_harmless(name: str, kept: str) -> None:
    assert harmless(name, ending="pdf") == kept
    assert len(kept) <= 120
