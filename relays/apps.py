"""The floor's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RelaysConfig(AppConfig):
    """Who may be billed, and by whose authority."""

    name = "relays"
    verbose_name = _("Relays")
