"""Law references that are printed: data, with the day from which each applies, never strings in the code."""

from typing import ClassVar

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _


class Mention(models.Model):
    """One legal sentence, in force from `applies_from` until the next row of its code."""

    class Code(models.TextChoices):
        SELF_BILLING = "self_billing", _("Autofacturation, in the name and on behalf of the relay (242 nonies A I-14°)")
        OPERATION = "operation", _("category of operation (242 nonies A)")
        FRANCHISE = "franchise", _("franchise en base (CGI art. 293 B)")
        VAT_ON_DEBITS = "vat_on_debits", _("option for VAT on debits")
        PENALTIES = "penalties", _("late-payment penalties (C. com. L441-10)")
        INDEMNITY = "indemnity", _("40 € recovery indemnity (D441-5)")
        DISCOUNT = "discount", _("discount terms (L441-9)")
        VAT_LIABILITY = "vat_liability", _("the relay stays liable for its VAT")

    code = models.CharField(_("sentence"), max_length=20, choices=Code.choices)
    applies_from = models.DateField(_("applies from"))
    text = models.TextField(_("text"), help_text=_("{operator}, {relay} and {rate} are replaced; rate: the penalty rate, per cent a year"))

    class Meta:
        verbose_name = _("legal sentence")
        verbose_name_plural = _("legal sentences")
        ordering: ClassVar = ["code", "applies_from"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "applies_from"], name="one_text_of_a_mention_from_a_day")]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {date_format(self.applies_from, 'SHORT_DATE_FORMAT')}"
