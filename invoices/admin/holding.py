"""Holding a relay's month, and letting it go."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invoices import holding
from invoices.models import Hold
from relays.models import Person, Relay


class HoldForm(forms.ModelForm[Hold]):
    """The relay by its code, typed: the admin's box to choose among thousands has no name that is read out."""

    relay = forms.CharField(label=gettext_lazy("Relay code"), max_length=18)

    def clean_relay(self) -> Relay:
        """The relay of that code."""
        code = self.cleaned_data["relay"]
        relay = Relay.objects.filter(code=code).first()
        if relay is None:
            raise forms.ValidationError(_("There is no relay %(code)s."), params={"code": code})
        return relay


@admin.register(Hold)
class HoldAdmin(admin.ModelAdmin[Hold]):
    """Relays that a person holds."""

    list_display = ("relay", "period", "why", "by", "at")
    list_select_related = ("relay", "by")
    form = HoldForm
    exclude = ("by",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No: let it go, then hold it for another reason."""
        return False

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        """Hold."""
        held = holding.hold(relay=obj.relay, month=obj.period, why=obj.why, by=cast(Person, request.user))
        obj.pk = held.pk

    def delete_model(self, request: HttpRequest, obj: Hold) -> None:
        """Let go."""
        holding.let_go(obj, by=cast(Person, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> None:
        """Let go each."""
        for held in queryset:
            holding.let_go(held, by=cast(Person, request.user))
