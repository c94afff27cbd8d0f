"""Making a member of staff: a page of the admin, for superusers; the one-time link is shown once, to be handed over."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from relays import people
from relays.models import Person

_MADE = "staff_made"
GROUPS = {
    "clerks": _("Mandates: approve them, import relays and mandates, invite"),
    "billing": _("Billing: bill, approve, issue, deliver, import what is billed"),
    "support": _("Support: answer the relays, decide on contests, send again"),
}


class Member(forms.Form):
    """Who, at which desk."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    group = forms.ChoiceField(
        label=_("Desk"),
        choices=[(name, GROUPS[name]) for name in people.GROUPS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a desk."), "invalid_choice": _("Choose a desk.")},
    )


class Staffing(admin.ModelAdmin[Any]):
    """What the admin of people can do besides looking."""

    change_list_template = "relays/admin/people_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The form, and the page with the link."""
        site = self.admin_site.admin_view
        return [
            path("membre/", site(require_http_methods(["GET", "HEAD", "POST"])(self.add_member)), name="relays_person_member"),
            path("membre/lien/", site(require_safe(self.link)), name="relays_person_link"),
            *super().get_urls(),
        ]

    def add_member(self, request: HttpRequest) -> HttpResponse:
        """Make a member of staff, active at once."""
        person = _superuser(request)
        form, status = Member(), 200
        if request.method == "POST":
            form, status = Member(request.POST), 422
            if form.is_valid():
                made = people.create_staff(by=person, **form.cleaned_data)
                request.session[_MADE] = {"person": made.pk, "group": form.cleaned_data["group"]}
                return redirect("admin:relays_person_link")
        return render(request, "relays/admin/staff.html", {"form": form}, status=status)

    def link(self, request: HttpRequest) -> HttpResponse:
        """The one-time link of whoever was made just now; shown once."""
        _superuser(request)
        made = request.session.pop(_MADE, None)
        if made is None:
            return redirect("admin:relays_person_member")
        member = Person.objects.get(pk=made["person"])
        address = settings.SITE_URL + reverse("password_reset_confirm", args=people.password_link_path(member))
        return render(request, "relays/admin/staff_made.html", {"member": member, "desk": GROUPS[made["group"]], "address": address})


def _superuser(request: HttpRequest) -> Person:
    person: Any = request.user
    if not (person.is_active and person.is_superuser):
        raise PermissionDenied
    found: Person = person
    return found
