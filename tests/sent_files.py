"""Files as people send them: a PDF of one empty page, a picture."""

import io

import pikepdf
from PIL import Image


def pdf(*, password: str = "") -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    out = io.BytesIO()
    encryption = pikepdf.Encryption(user=password, owner=password) if password else False
    made.save(out, encryption=encryption, deterministic_id=not password)  # the same bytes each time, where it can
    return out.getvalue()


def image(kind: str, *, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("1" if kind == "PNG" else "RGB", size).save(out, kind)
    return out.getvalue()
