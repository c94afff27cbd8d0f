"""What was done, billed, sealed and delivered."""

from invoices.models.activity import Activity, Adjustment
from invoices.models.authority import SealCertificate, TimestampAuthority, TimestampRequest
from invoices.models.delivery import Delivery, PaperBatch
from invoices.models.dispute import Acceptance, Dispute, DisputeFile, DisputeMessage
from invoices.models.document import Document, Due, Pades, Unshelved
from invoices.models.invoice import Invoice, InvoiceLine, Series, VatTotal
from invoices.models.letterhead import Letterhead
from invoices.models.mention import Mention
from invoices.models.payment import Payment
from invoices.models.run import Draft, DraftLine, DraftVat, Held, Hold, Run
from invoices.models.tariff import Band, TariffSet
from invoices.models.work import Work

__all__ = [
    "Acceptance",
    "Activity",
    "Adjustment",
    "Band",
    "Delivery",
    "Dispute",
    "DisputeFile",
    "DisputeMessage",
    "Document",
    "Draft",
    "DraftLine",
    "DraftVat",
    "Due",
    "Held",
    "Hold",
    "Invoice",
    "InvoiceLine",
    "Letterhead",
    "Mention",
    "Pades",
    "PaperBatch",
    "Payment",
    "Run",
    "SealCertificate",
    "Series",
    "TariffSet",
    "TimestampAuthority",
    "TimestampRequest",
    "Unshelved",
    "VatTotal",
    "Work",
]
