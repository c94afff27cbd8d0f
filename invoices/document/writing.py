"""The file, object by object: what ReportLab holds once everything is drawn, written without ReportLab's detours.

Most objects come ready-made (structure.py, fonts), and these are copied as they are. The form is the plainest that there
is, with one table of references: what is sealed later is appended to it (sealing/update.py).
"""

from typing import Any

from reportlab.pdfbase import pdfdoc

_HEAD = b"%PDF-1.7\n%\xc2\xa7\xc3\xa9\xe2\x82\xac\n"  # letters above 127: a program that looks sees that it is no text


def written(document: Any, *, identifier: bytes) -> bytes:
    """The whole file. identifier: 32 hexadecimal digits, the same for the same content. Source: ISO 32000-1 §7.5."""
    for font in document.delayedFonts:
        font.addObjects(document)
    document.Catalog.Outlines = None
    root, info = document.Reference(document.Catalog), document.Reference(document.info)
    parts, entries, at = [_HEAD], [b"0000000000 65535 f \n"], len(_HEAD)
    while (name := document.numberToId.get(len(entries))) is not None:  # writing one may add others
        content = pdfdoc.format(document.idToObject[name], document, toplevel=1)
        parts.append(b"%d 0 obj\n%b%bendobj\n" % (len(entries), content, b"" if content.endswith(b"\n") else b"\n"))
        entries.append(b"%010d 00000 n \n" % at)
        at += len(parts[-1])
    parts += (b"xref\n0 %d\n" % len(entries), *entries)
    parts.append(
        b"trailer\n<</Size %d/Root %b/Info %b/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(entries), root.format(document), info.format(document), identifier, identifier, at)
    )
    return b"".join(parts)
