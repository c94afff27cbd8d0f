"""Issued invoices: inserted once, then never touched (CGI art. 289 I-5), and the series that number them."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from invoices.models.run import Run
from relays.models import Relay
from selfbilling.triggers import final, never_truncated


class Series(models.Model):
    """One relay's numbers under one root (BOI-TVA-DECLA-30-20-20-10 §§120-130). The invoice's trigger counts here."""

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="series")
    root = models.CharField(_("root"), max_length=24, db_collation="C", help_text=_("the operator's root and the relay's code"))
    year = models.PositiveSmallIntegerField(_("year"), default=0, help_text=_("of the last number"))
    last_rank = models.PositiveIntegerField(_("last rank"), default=0)
    last_issue_date = models.DateField(_("last issue date"), null=True)

    class Meta:
        verbose_name_plural = "series"
        constraints: ClassVar = [models.UniqueConstraint(fields=["relay", "root"], name="one_series_of_a_relay_and_root")]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="a_series_starts_at_nothing",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__last_rank__gt=0)
                | pgtrigger.Q(new__year__gt=0)
                | pgtrigger.Q(new__last_issue_date__isnull=False),
                func="RAISE EXCEPTION 'a series starts at nothing';",
            ),
            # Depth 1 is a statement of somebody's own; depth 2 is the invoice's trigger.
            pgtrigger.Trigger(
                name="a_series_counts_its_invoices_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'a series counts its invoices and nothing else'; END IF;
                    RETURN NEW;
                """,
            ),
            never_truncated("series"),
        ]

    def __str__(self) -> str:
        return self.root


class Invoice(models.Model):
    """An issued invoice: inserted once, by issuing.issue(), then never touched (CGI art. 289 I-5).

    Everything that page and XML say is here or in its lines and VAT totals, as it was on the issue date.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PAPER = "paper", _("paper")

    series = models.ForeignKey(Series, verbose_name=_("series"), on_delete=models.PROTECT, related_name="invoices")
    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="invoices")
    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.PROTECT, related_name="invoices")
    period = models.DateField(_("month"), help_text=_("the month's first day"))
    seller_siren = models.CharField(_("seller’s SIREN"), max_length=9)
    year = models.PositiveSmallIntegerField(_("year"))
    rank = models.PositiveIntegerField(_("rank"))
    number = models.CharField(_("number"), max_length=35, db_collation="C")
    type_code = models.CharField(_("type code"), max_length=3, default="389")
    issue_date = models.DateField(_("issue date"))
    due_date = models.DateField(_("due date"))
    first_day = models.DateField(_("first billed day"))
    last_day = models.DateField(_("last billed day"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    net = models.DecimalField(_("total without VAT"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(_("VAT"), max_digits=12, decimal_places=2)
    gross = models.DecimalField(_("total with VAT"), max_digits=12, decimal_places=2)
    seller = models.JSONField(_("seller"), help_text=_("the relay's identity"))
    buyer = models.JSONField(_("buyer"), help_text=_("the operator's identity"))
    mentions = models.JSONField(_("legal sentences"), help_text=_("the legal sentences in force, by code"))
    mandate = models.ForeignKey("relays.Mandate", verbose_name=_("mandate"), on_delete=models.PROTECT, related_name="+")
    mandate_version = models.CharField(_("version of the mandate"), max_length=60)
    mandate_signed_on = models.DateField(_("mandate signed on"))
    contestable_until = models.DateField(
        _("contestable until"), null=True, help_text=_("last day included; empty: the mandate sets no delay")
    )
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    issued_at = models.DateTimeField(_("issued on"), db_default=Now(), help_text=_("its transaction's own time"))
    # PostgreSQL draws its 122 bits from a cryptographic source: whoever holds the page may ask, and nobody else.
    token = models.UUIDField(_("token"), unique=True, db_default=RandomUUID(), help_text=_("of the page that its QR code opens"))

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "year", "rank"], name="one_invoice_per_number"),
            models.UniqueConstraint(fields=["seller_siren", "year", "number"], name="no_number_twice_for_one_seller"),
            models.UniqueConstraint(fields=["relay", "period"], condition=Q(type_code="389"), name="one_invoice_of_a_relay_and_month"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("vat")), name="gross_is_net_plus_vat"),
            models.CheckConstraint(condition=Q(net__gte=0, gross__gte=0), name="an_invoice_is_not_negative"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=99_999), name="a_rank_has_five_digits"),
            models.CheckConstraint(condition=Q(year=F("issue_date__year")), name="the_year_is_the_issue_date_s"),
            models.CheckConstraint(condition=Q(seller_siren__regex=r"^\d{9}$"), name="a_seller_has_its_siren"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["period", "number"], name="invoice_by_period"),
            models.Index(fields=["number"], name="invoice_by_number"),
        ]
        triggers: ClassVar = [
            *final("invoice"),
            pgtrigger.Trigger(
                name="a_rank_is_its_series_last_plus_one",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("counted", "invoices_series%ROWTYPE")],
                func="""
                    UPDATE invoices_series SET
                        last_rank = CASE WHEN year = NEW.year THEN last_rank + 1 ELSE 1 END,
                        year = NEW.year, last_issue_date = NEW.issue_date
                    WHERE id = NEW.series_id AND relay_id = NEW.relay_id
                        AND (last_issue_date IS NULL OR last_issue_date <= NEW.issue_date)
                    RETURNING * INTO counted;
                    IF counted.id IS NULL THEN
                        RAISE EXCEPTION 'dates never run backwards within a series (invoice %)', NEW.number;
                    END IF;
                    IF NEW.rank <> counted.last_rank THEN
                        RAISE EXCEPTION 'a rank is its series'' last plus one (invoice %)', NEW.number;
                    END IF;
                    IF NEW.number <> counted.root || '-' || NEW.year || '-' || lpad(NEW.rank::text, 5, '0') THEN
                        RAISE EXCEPTION 'a number is root, year and rank (invoice %)', NEW.number;
                    END IF;
                    NEW.issued_at := transaction_timestamp();
                    RETURN NEW;
                """,
            ),
            # At commit, when lines and VAT totals are there.
            pgtrigger.Trigger(
                name="totals_add_up",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF NOT invoices_adds_up(NEW.id) THEN
                        RAISE EXCEPTION 'totals do not add up (invoice %)', NEW.number;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


def _with_its_invoice(name: str) -> pgtrigger.Trigger:
    """After each INSERT statement, whatever its size: its invoices are born in this very transaction, and add up so far."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
        func="""
            IF EXISTS (
                SELECT 1 FROM (SELECT DISTINCT invoice_id FROM added) a
                WHERE NOT invoices_adds_up_so_far(a.invoice_id)
            ) THEN
                RAISE EXCEPTION 'lines and VAT totals are born with their invoice and add up';
            END IF;
            RETURN NULL;
        """,
    )


class InvoiceLine(models.Model):
    """A line (BG-25): quantity × unit price to the cent, half away from zero."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="lines")
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
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering: ClassVar = ["invoice", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_line_a_position"),
            models.CheckConstraint(condition=~Q(quantity=0) & Q(unit_price__gte=0), name="a_line_has_units_at_a_price"),
            # PostgreSQL's round(numeric, 2) is half away from zero.
            models.CheckConstraint(
                condition=Q(net=models.Func(F("quantity") * F("unit_price"), 2, function="round", output_field=models.DecimalField())),
                name="a_line_is_quantity_times_price",
            ),
        ]
        triggers: ClassVar = [*final("invoice_line"), _with_its_invoice("a_line_is_born_with_its_invoice")]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.position}"


class VatTotal(models.Model):
    """VAT of one treatment (BG-23), computed on the sum of its lines, half away from zero."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="vat_totals")
    category = models.CharField(_("VAT category"), max_length=1)
    rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2)
    base = models.DecimalField(_("taxable base"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(_("VAT"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("VAT total")
        verbose_name_plural = _("VAT totals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "category", "rate"], name="one_vat_total_a_treatment"),
            models.CheckConstraint(
                condition=Q(vat=models.Func(F("base") * F("rate") / 100, 2, function="round", output_field=models.DecimalField())),
                name="vat_is_base_times_rate",
            ),
        ]
        triggers: ClassVar = [*final("vat_total"), _with_its_invoice("a_vat_total_is_born_with_its_invoice")]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.category}"
