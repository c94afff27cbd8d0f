"""The same invoice as each library's tutorial makes it: platypus, factur-x with its XSD check, pyHanko's PdfSigner.

It does less than ours: no QR code, no tags, no letterhead, one certificate beside the signature.
"""

from io import BytesIO
from pathlib import Path

from facturx import generate_from_binary
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from invoices.document.content import Content, Party
from selfbilling import typeface, words


class Pipeline:
    """A key and a certificate as PEM files, and what is done with them for every invoice."""

    def __init__(self, *, key: Path, certificate: Path) -> None:
        self._key, self._certificate = key, certificate

    def made(self, content: Content, *, xml: bytes) -> bytes:
        """Page, Factur-X and signature; the XML is given, so it costs nothing here."""
        file = generate_from_binary(_page(content), xml, check_xsd=True, flavor="factur-x", level="en16931", lang="fr-FR")
        return sealed(file, key=self._key, certificate=self._certificate)


def sealed(pdf: bytes, *, key: Path, certificate: Path) -> bytes:
    """The signature alone; key and certificate are PEM files, read for each one."""
    signer = signers.SimpleSigner.load(str(key), str(certificate))  # type: ignore[no-untyped-call]
    metadata = signers.PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    made = signers.PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
    return bytes(made.getvalue())


def _page(content: Content) -> bytes:
    typeface.register()
    body = ParagraphStyle("body", fontName=typeface.REGULAR, fontSize=9, leading=12)
    head = ParagraphStyle("head", fontName=typeface.SEMIBOLD, fontSize=17, leading=24)
    story: list[Flowable] = [
        Paragraph("FACTURE — Autofacturation", head),
        Paragraph(f"N° {content.number}, {words.day(content.issue_date)}, {words.span(content.period_first, content.period_last)}", body),
        Spacer(1, 12),
        Table([[Paragraph(_party(party), body) for party in (content.seller, content.buyer)]]),
        Paragraph(words.euros(content.gross), head),
        Paragraph(f"Virement le {words.day(content.due_date)}, IBAN {content.seller.iban}", body),
        _lines(content),
        *(Paragraph(mention.text, body) for mention in content.mentions),
    ]
    file = BytesIO()
    SimpleDocTemplate(file, pagesize=A4, title=content.number).build(story)
    return file.getvalue()


def _party(party: Party) -> str:
    parts = (party.official_name, party.address_line1, f"{party.postcode} {party.city}", party.form_and_capital, party.siret)
    return "<br/>".join((*parts, party.vat_number))


def _lines(content: Content) -> Table:
    rows = [["Désignation", "Période", "Quantité", "Prix unitaire HT", "TVA", "Montant HT"]]
    for line in content.lines:
        figures = (words.price(line.unit_price), words.percent(line.rate), words.euros(line.net))
        rows.append([line.label, words.span(line.first_day, line.last_day), str(line.quantity), *figures])
    for name, amount in (("Total HT", content.net), ("TVA", content.vat), ("Total TTC", content.gross)):
        rows.append([name, "", "", "", "", words.euros(amount)])
    style = [("FONT", (0, 0), (-1, -1), typeface.REGULAR, 9), ("LINEBELOW", (0, 0), (-1, -1), 0.5, "#888888")]
    return Table(rows, style=TableStyle([*style, ("ALIGN", (2, 0), (-1, -1), "RIGHT")]), repeatRows=1)
