"""The mandate: its text, and a relay's consent to it for a range of days (CGI art. 289 I-2)."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from relays.models.relay import Relay
from selfbilling.triggers import never_truncated


class MandateText(models.Model):
    """One version of the mandate's text. The contest delay is in calendar days (Paris) from the issue date, last included."""

    version = models.CharField(_("version"), max_length=60, unique=True)
    contest_days = models.PositiveSmallIntegerField(
        _("days to contest"), null=True, blank=True, help_text=_("days; empty: no delay, so no tacit acceptance")
    )
    on_paper = models.BooleanField(_("on paper"), default=False, help_text=_("signed on paper; its words may not be entered here yet"))
    body = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("version of the mandate")
        verbose_name_plural = _("versions of the mandate")
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="entered_text_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.body <> ''"),
                func="RAISE EXCEPTION 'the text of a mandate, once entered, is neither changed nor deleted';",
            ),
            never_truncated("mandate_text"),
        ]

    def __str__(self) -> str:
        return self.version


class Mandate(models.Model):
    """A relay's mandate from `valid_from` to `valid_to`, its last valid day (empty: open-ended)."""

    class State(models.TextChoices):
        CONSENTED = "consented", _("to approve")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    class Channel(models.TextChoices):
        PAPER = "paper", _("Paper")
        ONLINE = "online", _("Online")

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="mandates")
    text = models.ForeignKey(MandateText, verbose_name=_("version"), on_delete=models.PROTECT, related_name="mandates")
    signed_on = models.DateField(_("signed on"))
    valid_from = models.DateField(_("first valid day"))
    valid_to = models.DateField(_("last valid day"), null=True, blank=True, help_text=_("empty: open-ended"))
    channel = models.CharField(_("channel"), max_length=20, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.CONSENTED)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered on"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, help_text=_("why it was rejected"))

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering: ClassVar = ["relay", "valid_from"]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_approved_mandate_of_a_relay_a_day",
                expressions=[
                    ("relay", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="approved"),
            ),
            models.UniqueConstraint(
                fields=["relay", "valid_from"], condition=~Q(state="rejected"), name="one_mandate_of_a_relay_from_a_day"
            ),
            models.CheckConstraint(condition=Q(signed_on__lte=F("valid_from")), name="mandate_is_written_before_it_is_valid"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="mandate_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(entered_by=None) | ~Q(decided_by=F("entered_by")),
                name="a_mandate_is_decided_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relay} {date_format(self.valid_from, 'SHORT_DATE_FORMAT')}"
