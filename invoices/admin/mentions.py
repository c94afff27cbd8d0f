"""The legal sentences: data that staff add to, with the day from which each applies."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from invoices.models import Mention
from selfbilling import journal


@admin.register(Mention)
class MentionAdmin(admin.ModelAdmin[Mention]):
    """Added, never changed: an invoice's own sentences were copied as it was issued."""

    list_display = ("code", "applies_from", "text")
    list_filter = ("code",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No: a new sentence is a new row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False

    def save_model(self, request: HttpRequest, obj: Mention, form: Any, change: bool) -> None:
        """Add the sentence, journaled."""
        super().save_model(request, obj, form, change)
        journal.record(act="mention added", subject=f"mention:{obj.pk}", by=request.user, code=obj.code, applies_from=str(obj.applies_from))
