"""The floor's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvoicesConfig(AppConfig):
    """What was done, billed, sealed, delivered."""

    name = "invoices"
    verbose_name = _("Invoices")
