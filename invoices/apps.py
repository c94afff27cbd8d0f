"""The floor's name."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    """What was done, billed, sealed, delivered."""

    name = "invoices"
