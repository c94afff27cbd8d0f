"""What is paid for it: graduated bands, by service, from a month on, for the network or for one relay."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from relays.models import Relay


class TariffSet(models.Model):
    """The prices of one service from the month that starts on `valid_from`; without a relay, the network's."""

    service_code = models.CharField(_("service"), max_length=60, db_collation="C")
    relay = models.ForeignKey(Relay, verbose_name=_("relay"), null=True, blank=True, on_delete=models.PROTECT, related_name="tariff_sets")
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service_code", "relay", "valid_from"],
                nulls_distinct=False,
                name="one_set_of_a_service_and_relay_from_a_month",
            ),
            models.CheckConstraint(condition=Q(valid_from__day=1), name="a_set_starts_with_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.service_code} {date_format(self.valid_from, 'SHORT_DATE_FORMAT')}"


class Band(models.Model):
    """From unit `from_quantity` + 1 of the month on, a unit is worth `unit_price` EUR ex VAT."""

    tariff_set = models.ForeignKey(TariffSet, verbose_name=_("tariff"), on_delete=models.CASCADE, related_name="bands")
    from_quantity = models.PositiveIntegerField(_("from quantity"), help_text=_("units already rated this month"))
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=4)
    label = models.CharField(_("label"), max_length=200)
    unit_code = models.CharField(_("unit"), max_length=3, help_text="UN/ECE Rec 20")

    class Meta:
        ordering: ClassVar = ["tariff_set", "from_quantity"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tariff_set", "from_quantity"], name="one_band_from_a_quantity"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="a_price_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.tariff_set_id} {self.from_quantity} {self.unit_price}"
