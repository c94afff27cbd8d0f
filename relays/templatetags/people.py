"""{% load people %}: a browser's own long name, in words."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

_BROWSERS = [("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox")]
_BROWSERS += [("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")]
_SYSTEMS = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux")]
"""In order: each of them claims to be those below too."""


@register.filter
def device(user_agent: str) -> str:
    """« Firefox, Android »; what is not known is called so."""
    found = [next((name for token, name in known if token in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name) or _("an unknown device")
