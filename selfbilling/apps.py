"""The ground floor."""

from django.apps import AppConfig


class SelfBillingConfig(AppConfig):
    """The process, and what any operator's software needs."""

    name = "selfbilling"
    verbose_name = "journal"
