"""The queue of mandates to approve, with what to check side by side; a page of the admin, for clerks."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from stdnum.fr import siret, tva

from relays import access, approving, filing, identities
from relays.models import Identity, Mandate, Person, VatRegime
from selfbilling.errors import Refused

_A_PAGE = 50
_LATE = dt.timedelta(days=2)


@dataclass(slots=True)
class Waiting:
    """A mandate that waits, with what to check."""

    mandate: Mandate
    identity: Identity | None
    regime: VatRegime | None
    missing: list[str]
    own: bool  # entered by whoever looks

    @property
    def siret_is_right(self) -> bool:
        """Whether the SIRET passes its check digits."""
        return bool(self.identity and self.identity.siret and siret.is_valid(self.identity.siret))

    @property
    def vat_is_right(self) -> bool:
        """Whether the VAT number fits the regime and the SIREN; a franchise needs none."""
        if self.regime is None:
            return False
        number = self.regime.vat_number
        if not number:
            return self.regime.regime == VatRegime.Regime.FRANCHISE
        return bool(tva.is_valid(number) and self.identity and number[4:] == self.identity.siret[:9])

    @property
    def late(self) -> bool:
        """Whether it has waited for more than two days."""
        return self.mandate.entered_at < timezone.now() - _LATE


class Queued(admin.ModelAdmin[Any]):
    """What the mandates' admin can do besides looking."""

    def get_urls(self) -> list[URLPattern]:
        """The queue, and the page where one says why a mandate is rejected."""
        queue = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.queue))
        reject = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.reject))
        return [
            path("a-approuver/", queue, name="relays_mandate_queue"),
            path("<int:mandate_id>/refuser/", reject, name="relays_mandate_reject"),
            *super().get_urls(),
        ]

    def queue(self, request: HttpRequest) -> HttpResponse:
        """Look, choose, approve."""
        clerk = clerk_of(request)
        if request.method == "POST":
            ids = [int(value) for value in request.POST.getlist("mandate") if value.isdecimal()]
            decided = approving.approve_each(mandate_ids=ids, by=clerk)
            _say(request, decided)
            return redirect(request.get_full_path())
        return render(request, "relays/admin/queue.html", _context(request, clerk))

    def reject(self, request: HttpRequest, mandate_id: int) -> HttpResponse:
        """Say why, and reject."""
        clerk = clerk_of(request)
        mandate = get_object_or_404(Mandate.objects.select_related("relay", "text", "entered_by"), pk=mandate_id)
        refusal, status = "", 200
        if request.method == "POST":
            try:
                approving.reject(mandate_id=mandate_id, reason=request.POST.get("reason", ""), by=clerk)
            except Refused as refused:
                refusal, status = str(refused), 422 if isinstance(refused, approving.NoReason) else 409
            else:
                messages.success(request, _("The mandate of %(relay)s is rejected.") % {"relay": mandate.relay})
                return redirect("admin:relays_mandate_queue")
        return render(request, "relays/admin/reject.html", {"waiting": waiting([mandate], clerk)[0], "refusal": refusal}, status=status)


def clerk_of(request: HttpRequest) -> Person:
    """The clerk who asks; nobody else comes in."""
    person: Any = request.user
    if not access.is_of(person, "clerks"):
        raise PermissionDenied
    found: Person = person
    return found


def _context(request: HttpRequest, clerk: Person) -> dict[str, Any]:
    mandates = (
        Mandate.objects.filter(state=Mandate.State.CONSENTED).select_related("relay", "text", "entered_by").order_by("entered_at", "pk")
    )
    total, late = mandates.count(), mandates.filter(entered_at__lt=timezone.now() - _LATE).count()
    sought, channel = request.GET.get("q", "").strip(), request.GET.get("channel", "")
    if sought:
        mandates = mandates.filter(
            Q(relay__code__icontains=sought)
            | Q(relay__identities__legal_name__icontains=sought)
            | Q(relay__identities__siret__startswith=sought)
        ).distinct()
    if channel in Mandate.Channel.values:
        mandates = mandates.filter(channel=channel)
    page = Paginator(filing.with_scans(mandates), _A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": waiting(list(page.object_list), clerk),
        "total": total,
        "late": late,
        "sought": sought,
        "channel": channel,
        "channels": Mandate.Channel.choices,
    }


def waiting(mandates: list[Mandate], clerk: Person) -> list[Waiting]:
    """These, with what to check."""
    ids = [mandate.relay_id for mandate in mandates]
    who = identities.in_force(timezone.localdate(), ids)
    regimes = identities.vat_histories(ids)
    return [
        Waiting(
            mandate=mandate,
            identity=who.get(mandate.relay_id),
            regime=next(reversed(regimes.get(mandate.relay_id, [])), None),
            missing=identities.missing(who.get(mandate.relay_id)),
            own=mandate.entered_by_id == clerk.pk,
        )
        for mandate in mandates
    ]


def _say(request: HttpRequest, decided: approving.Decided) -> None:
    count = len(decided.approved)
    if count:
        said = ngettext("%(count)s mandate approved.", "%(count)s mandates approved.", count)
        messages.success(request, said % {"count": count})
    for _mandate, why in decided.refused:
        messages.error(request, why)
    if not count and not decided.refused:
        messages.warning(request, _("Tick the mandates to approve first."))
