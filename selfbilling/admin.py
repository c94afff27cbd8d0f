"""The journal, to look at."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from selfbilling import doors
from selfbilling.looking import LookOnly
from selfbilling.models import JournalEntry


class ActFilter(admin.AllValuesFieldListFilter):
    """The acts that there are, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Each act as people call it; the address keeps it as it is written."""
        for choice in super().choices(changelist):
            yield {**choice, "display": gettext(str(choice["display"]))}


@admin.register(JournalEntry)
class JournalAdmin(LookOnly):
    """Every act that matters, newest first. An act is kept in English; the floor above has its French."""

    list_display = ("at", "act_in_words", "subject", "by", "door_in_words")
    list_filter = (("act", ActFilter),)
    list_select_related = ("by",)
    search_fields = ("=subject",)
    ordering = ("-at",)
    fields = ("at", "act_in_words", "subject", "by", "door_in_words", "address", "detail")
    readonly_fields = ("act_in_words", "door_in_words")

    @admin.display(description=_("act"), ordering="act")
    def act_in_words(self, entry: JournalEntry) -> str:
        """What was done."""
        return gettext(entry.act)

    @admin.display(description=_("door"), ordering="through")
    def door_in_words(self, entry: JournalEntry) -> str:
        """Through which door."""
        return doors.in_words(entry.through)
