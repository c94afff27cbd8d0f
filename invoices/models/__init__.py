"""What was done, billed, sealed and delivered."""

from invoices.models.activity import Activity, Adjustment
from invoices.models.delivery import Delivery, PaperBatch
from invoices.models.document import Document, Due, Unshelved
from invoices.models.invoice import Invoice, InvoiceLine, Series, VatTotal
from invoices.models.mention import Mention
from invoices.models.run import Draft, DraftLine, DraftVat, Held, Hold, Run
from invoices.models.tariff import Band, TariffSet

__all__ = [
    "Activity",
    "Adjustment",
    "Band",
    "Delivery",
    "Document",
    "Draft",
    "DraftLine",
    "DraftVat",
    "Due",
    "Held",
    "Hold",
    "Invoice",
    "InvoiceLine",
    "Mention",
    "PaperBatch",
    "Run",
    "Series",
    "TariffSet",
    "Unshelved",
    "VatTotal",
]
