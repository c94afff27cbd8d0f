"""Holding a relay's month, and letting it go."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from invoices import holding
from invoices.models import Hold
from relays.models import Person


@admin.register(Hold)
class HoldAdmin(admin.ModelAdmin[Hold]):
    """Relays that a person holds."""

    list_display = ("relay", "period", "why", "by", "at")
    list_select_related = ("relay", "by")
    autocomplete_fields = ("relay",)
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
