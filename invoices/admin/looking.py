"""What deeds write, to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from invoices import held_because
from invoices.admin.uploads import BillingUploads
from invoices.models import Adjustment, Due, Held, PaperBatch, Run, SealCertificate, TariffSet, TimestampAuthority
from selfbilling.looking import LookOnly


@admin.register(Run)
class RunAdmin(BillingUploads, LookOnly):
    """Runs."""

    list_display = ("period", "state", "drafted_by", "drafted_at", "approved_by", "approved_at", "issue_date")
    list_filter = ("state",)
    list_select_related = ("drafted_by", "approved_by")


@admin.register(Held)
class HeldAdmin(LookOnly):
    """Held relays, with what mends each."""

    list_display = ("relay", "run", "reason", "why")
    list_filter = ("reason", "run__period")
    list_select_related = ("relay", "run")
    search_fields = ("relay__code",)

    @admin.display(description=_("why"))
    def why(self, held: Held) -> str:
        """In the reader's words."""
        return held_because.in_words(held.detail)


@admin.register(Due)
class DueAdmin(LookOnly):
    """What is still to do."""

    list_display = ("invoice", "step", "since", "attempts", "not_before", "claimed_until", "last_error")
    list_filter = ("step",)
    list_select_related = ("invoice",)


@admin.register(TimestampAuthority)
class TimestampAuthorityAdmin(LookOnly):
    """Timestamp authorities: how often each was asked, and whether it is paused."""

    list_display = ("name", "asked", "closed_until", "why")


@admin.register(SealCertificate)
class SealCertificateAdmin(LookOnly):
    """The certificates that may seal, with their end."""

    list_display = ("name", "ends", "announced", "sha256")


@admin.register(TariffSet)
class TariffSetAdmin(LookOnly):
    """Tariffs."""

    list_display = ("service_code", "relay", "valid_from")
    list_select_related = ("relay",)


@admin.register(Adjustment)
class AdjustmentAdmin(LookOnly):
    """Adjustments."""

    list_display = ("relay", "day", "label", "amount")
    list_select_related = ("relay",)
    search_fields = ("relay__code",)


@admin.register(PaperBatch)
class PaperBatchAdmin(LookOnly):
    """Paper batches."""

    list_display = ("__str__", "claimed_at", "written_at", "sha256")
