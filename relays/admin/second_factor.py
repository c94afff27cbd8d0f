"""Resetting a lost second factor from the admin: a page beside a person's, for superusers."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from relays.models import Person
from relays.portal import lost_factor


class Resetting(admin.ModelAdmin[Any]):
    """What the admin of people can do for one of them."""

    change_form_template = "relays/admin/person.html"

    def get_urls(self) -> list[URLPattern]:
        """The page that asks first."""
        page = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.reset_second_factor))
        return [path("<int:person_id>/deux-etapes/", page, name="relays_person_second_factor"), *super().get_urls()]

    def reset_second_factor(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Anybody's but one's own."""
        asking: Any = request
        if not (asking.user.is_active and asking.user.is_superuser):
            raise PermissionDenied
        whom = get_object_or_404(Person, pk=person_id)
        return lost_factor.page(asking, whom=whom, back=reverse("admin:relays_person_change", args=[whom.pk]), back_to=whom.email)
