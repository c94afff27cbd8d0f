"""Law references that are printed: data, with the day from which each applies, never strings in the code."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mention(models.Model):
    """One legal sentence, in force from `applies_from` until the next row of its code."""

    class Code(models.TextChoices):
        SELF_BILLING = "self_billing", "Autofacturation, in the name and on behalf of the relay (242 nonies A I-14°)"
        OPERATION = "operation", "category of operation (242 nonies A)"
        FRANCHISE = "franchise", "franchise en base (CGI art. 293 B)"
        VAT_ON_DEBITS = "vat_on_debits", "option for VAT on debits"
        PENALTIES = "penalties", "late-payment penalties (C. com. L441-10)"
        INDEMNITY = "indemnity", "40 € recovery indemnity (D441-5)"
        DISCOUNT = "discount", "discount terms (L441-9)"
        VAT_LIABILITY = "vat_liability", "the relay stays liable for its VAT"

    code = models.CharField(max_length=20, choices=Code.choices)
    applies_from = models.DateField()
    text = models.TextField(help_text="{operator}, {relay} and {rate} are replaced; rate: the penalty rate, per cent a year")

    class Meta:
        verbose_name = _("legal sentence")
        verbose_name_plural = _("legal sentences")
        ordering: ClassVar = ["code", "applies_from"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "applies_from"], name="one_text_of_a_mention_from_a_day")]

    def __str__(self) -> str:
        return f"{self.code} from {self.applies_from}"
