"""What a person asked a worker to do with a whole month; where what is due per invoice is not enough to tell."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Work(models.Model):
    """One act on a month, asked for at the desk. It ends, with or without an error; until then it is the only one of its month."""

    class Act(models.TextChoices):
        BILL = "bill", _("Billing")
        ISSUE = "issue", _("Issuing")
        DELIVER = "deliver", _("Delivering")

    period = models.DateField(_("month"), help_text=_("the month's first day"))
    act = models.CharField(_("act"), max_length=7, choices=Act.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked on"), auto_now_add=True)
    started_at = models.DateTimeField(_("started on"), null=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0, help_text=_("0: not known yet"))
    ended_at = models.DateTimeField(_("ended on"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period"], condition=Q(ended_at=None), name="one_work_on_a_month_at_a_time"),
            models.CheckConstraint(condition=Q(period__day=1), name="a_worked_period_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.period:%Y-%m}"
