"""A relay, who it is from which day (Identity, VatRegime), and the days already billed."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from selfbilling.triggers import final

BEGINNING = dt.date(1, 1, 1)
"""The first day there is: what holds "from the beginning" holds from it."""


class Relay(models.Model):
    """A relay shop (mandant, seller). Its code never changes; sorted by code points, hence the "C" collation."""

    code = models.CharField(_("code"), max_length=18, unique=True, db_collation="C")
    imported_at = models.DateTimeField(_("imported on"), auto_now_add=True)

    class Meta:
        verbose_name = _("relay")
        verbose_name_plural = _("relays")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,17}$"), name="relay_code_is_well_formed")
        ]

    def __str__(self) -> str:
        return self.code


class Identity(models.Model):
    """Who the relay is from `valid_from` until the next row's day. Empty text means not known yet."""

    class Size(models.TextChoices):
        UNKNOWN = "", _("unknown")
        MICRO = "micro", _("microenterprise")
        SME = "sme", _("small or medium-sized")
        MID = "mid", _("mid-sized")
        LARGE = "large", _("large")

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="identities")
    valid_from = models.DateField(_("valid from"), default=BEGINNING)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    trade_name = models.CharField(_("trade name"), max_length=200, blank=True)
    legal_form = models.CharField(_("legal form"), max_length=60, blank=True)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)
    address_line1 = models.CharField(_("address"), max_length=200, blank=True)
    address_line2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=5, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    rcs_city = models.CharField(_("city of the trade register"), max_length=100, blank=True)
    share_capital = models.CharField(_("share capital"), max_length=60, blank=True, help_text=_("as printed, for example 8 000 €"))
    vat_on_debits = models.BooleanField(_("VAT on debits"), null=True, blank=True, help_text=_("empty: not said, so no"))
    size = models.CharField(_("size"), max_length=5, choices=Size.choices, blank=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering: ClassVar = ["relay", "valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["relay", "valid_from"], name="one_identity_of_a_relay_from_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.legal_name} {self.valid_from}"


class VatRegime(models.Model):
    """The relay's VAT regime from `valid_from` until the next row's day, with the VAT number that goes with it."""

    class Regime(models.TextChoices):
        STANDARD = "standard", _("VAT is charged")
        FRANCHISE = "franchise", _("franchise en base, no VAT")

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="vat_regimes")
    valid_from = models.DateField(_("valid from"))
    regime = models.CharField(_("regime"), max_length=9, choices=Regime.choices)
    vat_number = models.CharField(_("VAT number"), max_length=14, blank=True)

    class Meta:
        verbose_name = _("VAT regime")
        verbose_name_plural = _("VAT regimes")
        ordering: ClassVar = ["relay", "valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["relay", "valid_from"], name="one_vat_regime_of_a_relay_from_a_day"),
            models.CheckConstraint(condition=Q(regime__in=["standard", "franchise"]), name="vat_regime_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.regime} {self.valid_from}"


class BilledDays(models.Model):
    """From the first to the last billed day of one invoice; written by the floor above as it issues, never touched."""

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="billed_days")
    first = models.DateField(_("first billed day"))
    last = models.DateField(_("last billed day"))

    class Meta:
        verbose_name_plural = "billed days"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first__lte=models.F("last")), name="first_billed_day_is_not_after_the_last")
        ]
        indexes: ClassVar = [models.Index(fields=["relay", "last"], name="billed_days_by_relay")]
        triggers: ClassVar = final("billed_days")

    def __str__(self) -> str:
        return f"{self.relay_id} {self.first}–{self.last}"
