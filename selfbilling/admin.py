"""The journal, to look at."""

from django.contrib import admin

from selfbilling.looking import LookOnly
from selfbilling.models import JournalEntry


@admin.register(JournalEntry)
class JournalAdmin(LookOnly):
    """Every act that matters, newest first."""

    list_display = ("at", "act", "subject", "by", "through")
    list_filter = ("act",)
    list_select_related = ("by",)
    search_fields = ("=subject",)
    ordering = ("-at",)
