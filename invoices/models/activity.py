"""What was done: counts a day, and one-off adjustments."""

from typing import ClassVar

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from relays.models import Relay


class Activity(models.Model):
    """One row of activity.csv. A relay, day and service have at most one positive and one negative row (a correction)."""

    relay = models.ForeignKey(
        Relay,
        verbose_name=_("relay"),
        on_delete=models.PROTECT,
        related_name="activity",
        db_index=False,  # the unique index serves
    )
    day = models.DateField(_("day"))
    service_code = models.CharField(_("service"), max_length=60, db_collation="C")
    quantity = models.IntegerField(_("quantity"))

    class Meta:
        verbose_name_plural = "activity"
        constraints: ClassVar = [
            models.UniqueConstraint(
                F("relay"),
                F("day"),
                F("service_code"),
                ExpressionWrapper(Q(quantity__gt=0), output_field=models.BooleanField()),
                name="one_row_a_day_service_and_sign",
            ),
            models.CheckConstraint(condition=~Q(quantity=0), name="a_quantity_is_not_zero"),
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="activity_by_day")]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.day} {self.service_code} {self.quantity}"


class Adjustment(models.Model):
    """A one-off amount for the relay's own service: EUR ex VAT, signed."""

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="adjustments")
    day = models.DateField(_("day"))
    label = models.CharField(_("label"), max_length=200, db_collation="C")
    amount = models.DecimalField(_("amount without VAT"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["relay", "day", "label"], name="one_adjustment_a_day_and_label"),
            models.CheckConstraint(condition=~Q(amount=0), name="an_adjustment_is_not_zero"),
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="adjustment_by_day")]

    def __str__(self) -> str:
        return f"{self.relay} {self.label} {self.amount}"
