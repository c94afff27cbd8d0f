"""The floor's name."""

from django.apps import AppConfig


class RelaysConfig(AppConfig):
    """Who may be billed, and by whose authority."""

    name = "relays"
