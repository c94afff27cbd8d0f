"""Inviting from the admin: many relays by an action, one on its own page, which shows who is in and who is asked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from relays import access, identities, inviting
from relays.models import Invitation, Relay, Role
from selfbilling.errors import Refused, Unavailable


class Invitee(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("As"), choices=Role.choices)


class Inviting(admin.ModelAdmin[Any]):
    """What the relays' admin can do besides looking; for clerks."""

    change_form_template = "relays/admin/relay.html"
    actions = ("invite",)

    def has_invite_permission(self, request: HttpRequest) -> bool:
        """Whether this person invites."""
        person: Any = request.user
        return access.is_of(person, "clerks")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The relay's page, with the way to its people for those who invite."""
        said = {**(extra_context or {}), "may_invite": self.has_invite_permission(request)}
        return super().changeform_view(request, object_id, form_url, said)

    def get_urls(self) -> list[URLPattern]:
        """One page a relay, and the way to take an invitation back."""
        page = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.people))
        back = self.admin_site.admin_view(require_POST(self.withdraw))
        return [
            path("<int:relay_id>/personnes/", page, name="relays_relay_people"),
            path("<int:relay_id>/personnes/<int:invitation_id>/retirer/", back, name="relays_relay_withdraw"),
            *super().get_urls(),
        ]

    @admin.action(description=_("Invite their owners by e-mail"), permissions=["invite"])
    def invite(self, request: HttpRequest, chosen: QuerySet[Relay]) -> None:
        """One message each; those who are in or asked already, and those without an address, are counted and left alone."""
        person: Any = request.user
        sent, left = 0, 0
        for relay in chosen:
            try:
                inviting.invite_relay(relay=relay, by=person)
            except Refused:
                left += 1
            except Unavailable as away:
                self.message_user(request, str(away), messages.ERROR)
                break
            else:
                sent += 1
        if sent:
            self.message_user(request, ngettext("%d invitation sent.", "%d invitations sent.", sent) % sent, messages.SUCCESS)
        if left:
            said = ngettext("%d relay left out", "%d relays left out", left) % left
            self.message_user(
                request, f"{said} {gettext('(already in, already invited, or without an e-mail address).')}", messages.WARNING
            )

    def people(self, request: HttpRequest, relay_id: int) -> HttpResponse:
        """Who acts for this relay, who is invited, and the form to invite one more."""
        person: Any = request.user
        relay = self._relay(request, relay_id)
        identity = identities.in_force(timezone.localdate(), [relay.pk]).get(relay.pk)
        form = Invitee(request.POST or None, initial={"email": identity.email if identity else "", "role": Role.OWNER})
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    inviting.invite(relay=relay, by=person, **form.cleaned_data)
                except (Refused, Unavailable) as refused:
                    form.add_error(None, str(refused))
                    status = 409 if isinstance(refused, Refused) else 503
                else:
                    self.message_user(request, gettext("The invitation is sent."), messages.SUCCESS)
                    return redirect("admin:relays_relay_people", relay.pk)
        return TemplateResponse(request, "relays/admin/people.html", self._said(relay, form), status=status)

    def withdraw(self, request: HttpRequest, relay_id: int, invitation_id: int) -> HttpResponse:
        """Take an invitation back."""
        person: Any = request.user
        relay = self._relay(request, relay_id)
        invitation = get_object_or_404(Invitation, relay=relay, pk=invitation_id)
        try:
            inviting.withdraw(invitation_id=invitation.pk, by=person)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, gettext("The invitation is withdrawn: its link no longer works."), messages.SUCCESS)
        return redirect("admin:relays_relay_people", relay.pk)

    def _relay(self, request: HttpRequest, relay_id: int) -> Relay:
        if not self.has_invite_permission(request):
            raise PermissionDenied
        return get_object_or_404(Relay, pk=relay_id)

    def _said(self, relay: Relay, form: Invitee) -> dict[str, Any]:
        open_ones = relay.invitations.filter(accepted_at=None, withdrawn_at=None).select_related("invited_by").order_by("invited_at")
        return {
            "title": gettext("Who acts for %(shop)s") % {"shop": inviting.shop_name(relay)},
            "relay": relay,
            "form": form,
            "memberships": relay.memberships.select_related("person").order_by("since"),
            "invitations": open_ones,
            "now": timezone.now(),
        }
