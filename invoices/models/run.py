"""A run (campagne): one month billed, approved by another person, issued; its drafts and the relays it holds."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from relays.models import Relay
from selfbilling.triggers import never_truncated


class Run(models.Model):
    """One `bill` of a month. A later `bill` withdraws it as far as it is not issued."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("drafts ready")
        APPROVED = "approved", _("approved by a second person")
        ISSUING = "issuing", _("being issued")
        ISSUED = "issued", _("issued")
        WITHDRAWN = "withdrawn", _("withdrawn")

    period = models.DateField(_("month"), help_text=_("the month's first day"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFTED)
    inputs_digest = models.CharField(
        _("digest of the inputs"),
        max_length=200,
        help_text=_("of activity, adjustments, tariffs and identities as they were when the drafts were made"),
    )
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("drafted by"), on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("drafted on"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("approved by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved on"), null=True, blank=True)
    digest = models.CharField(
        _("digest of the drafts"), max_length=64, blank=True, help_text=_("SHA-256 of the drafts, frozen as they were approved")
    )
    issue_date = models.DateField(_("issue date"), null=True, blank=True, help_text=_("fixed as issue first starts"))
    delivering_since = models.DateTimeField(
        _("delivering since"), null=True, blank=True, help_text=_("nothing is delivered before a person says so")
    )

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(state__in=["drafted", "approved", "issuing"]),
                name="one_open_run_of_a_month",
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="a_period_is_a_month"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="a_run_is_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "issuing", "issued"]) | (~Q(digest="") & ~Q(approved_by=None)),
                name="an_approved_run_has_a_digest",
            ),
            models.CheckConstraint(condition=~Q(state__in=["issuing", "issued"]) | ~Q(issue_date=None), name="an_issuing_run_has_its_date"),
        ]

    def __str__(self) -> str:
        return f"{self.period:%Y-%m} {self.get_state_display()}"


_FROZEN = """
    IF EXISTS (SELECT 1 FROM invoices_run r WHERE r.id = {run} AND r.state IN ('approved', 'issuing', 'issued')) THEN
        RAISE EXCEPTION 'a draft of an approved run does not change';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
_ANY = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
_ROW = "(CASE TG_OP WHEN 'DELETE' THEN OLD.{0} ELSE NEW.{0} END)"


def _frozen(run: str) -> list[pgtrigger.Trigger]:
    """The triggers that freeze a table of drafts once their run is approved. run: SQL that finds the run's id."""
    return [
        pgtrigger.Trigger(name="approved_drafts_are_frozen", when=pgtrigger.Before, operation=_ANY, func=_FROZEN.format(run=run)),
        never_truncated("draft"),
    ]


_RUN_OF_DRAFT = f"(SELECT d.run_id FROM invoices_draft d WHERE d.id = {_ROW.format('draft_id')})"  # noqa: S608 (a constant)


class Draft(models.Model):
    """What a relay's invoice of the month would be. It changes until its run is approved; it has no number."""

    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.PROTECT, related_name="drafts")
    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField(_("first billed day"))
    last_day = models.DateField(_("last billed day"))
    net = models.DecimalField(_("total without VAT"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(_("VAT"), max_digits=12, decimal_places=2)
    gross = models.DecimalField(_("total with VAT"), max_digits=12, decimal_places=2)
    oddities = models.JSONField(_("oddities"), default=list, help_text=_("what the machine finds odd, in words; holds nobody"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "relay"], name="one_draft_of_a_relay_in_a_run"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("vat")), name="draft_gross_is_net_plus_vat"),
            models.CheckConstraint(condition=Q(net__gte=0, gross__gte=0), name="a_draft_is_not_negative"),
        ]
        triggers: ClassVar = _frozen(_ROW.format("run_id"))

    def __str__(self) -> str:
        return f"{self.run_id} {self.relay_id} {self.gross}"


class DraftLine(models.Model):
    """One (service, unit price, VAT treatment) of a draft; an adjustment has no tariff set."""

    draft = models.ForeignKey(Draft, verbose_name=_("draft"), on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    service_code = models.CharField(_("service"), max_length=60, blank=True, db_collation="C")
    label = models.CharField(_("label"), max_length=200)
    unit_code = models.CharField(_("unit"), max_length=3)
    quantity = models.BigIntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=4)
    category = models.CharField(_("VAT category"), max_length=1)
    rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2)
    net = models.DecimalField(_("total without VAT"), max_digits=12, decimal_places=2)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    tariff_set = models.ForeignKey("invoices.TariffSet", verbose_name=_("tariff"), null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["draft", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "position"], name="one_draft_line_a_position")]
        triggers: ClassVar = _frozen(_RUN_OF_DRAFT)

    def __str__(self) -> str:
        return f"{self.draft_id} {self.position}"


class DraftVat(models.Model):
    """VAT of one treatment of a draft."""

    draft = models.ForeignKey(Draft, verbose_name=_("draft"), on_delete=models.CASCADE, related_name="vat_totals")
    category = models.CharField(_("VAT category"), max_length=1)
    rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2)
    base = models.DecimalField(_("taxable base"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(_("VAT"), max_digits=12, decimal_places=2)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "category", "rate"], name="one_draft_vat_a_treatment")]
        triggers: ClassVar = _frozen(_RUN_OF_DRAFT)

    def __str__(self) -> str:
        return f"{self.draft_id} {self.category}"


class Held(models.Model):
    """A relay that a run may not bill, with the first reason found."""

    class Reason(models.TextChoices):
        NO_MANDATE = "no_mandate", _("no mandate")
        INCOMPLETE_IDENTITY = "incomplete_identity", _("incomplete identity")
        UNKNOWN_TARIFF = "unknown_tariff", _("unknown tariff")
        NEGATIVE_TOTAL = "negative_total", _("negative total")
        DOCUMENT_REJECTED = "document_rejected", _("document rejected")
        ANOMALY = "anomaly", _("anomaly")

    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.PROTECT, related_name="held")
    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    detail = models.TextField(_("detail"))

    class Meta:
        verbose_name = _("held relay")
        verbose_name_plural = _("held relays")
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "relay"], name="a_relay_is_held_once_in_a_run")]

    def __str__(self) -> str:
        return f"{self.relay} {self.get_reason_display()}"


class Hold(models.Model):
    """A person holds a relay's month as an anomaly; lifted by deleting the row before the next `bill`."""

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="holds")
    period = models.DateField(_("month"), help_text=_("the month's first day"))
    why = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("held by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("held on"), auto_now_add=True)

    class Meta:
        verbose_name = _("relay to hold")
        verbose_name_plural = _("relays to hold")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["relay", "period"], name="one_hold_of_a_relay_and_month"),
            models.CheckConstraint(condition=Q(period__day=1), name="a_held_period_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.relay} {self.period:%Y-%m}"
