"""What the operator paid of an invoice: the relay's VAT on receipts depends on it (CGI art. 269)."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invoices.models.invoice import Invoice


class Payment(models.Model):
    """One row of payments.csv. amount: EUR, VAT included. The sum may not exceed the invoice's gross."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="payments")
    paid_on = models.DateField(_("paid on"))
    amount = models.DecimalField(_("amount with VAT"), max_digits=12, decimal_places=2)
    imported_at = models.DateTimeField(_("imported on"), auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["invoice", "paid_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "paid_on"], name="one_payment_of_an_invoice_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_positive"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="no_more_is_paid_than_is_due",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF (SELECT sum(p.amount) FROM invoices_payment p WHERE p.invoice_id = NEW.invoice_id)
                        > (SELECT i.gross FROM invoices_invoice i WHERE i.id = NEW.invoice_id)
                    THEN RAISE EXCEPTION 'no more is paid than an invoice''s gross'; END IF;
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.paid_on} {self.amount}"
