"""The ground floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SelfBillingConfig(AppConfig):
    """The process, and what any operator's software needs."""

    name = "selfbilling"
    verbose_name = _("Journal")
