"""How people get in: django-allauth, with e-mail as login; nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """What differs from allauth's defaults."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: a relay's people are invited, staff are made."""
        return False

    def get_from_email(self) -> str:
        """The operator's address."""
        return str(settings.MAIL_FROM)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """A demo login is refused where ALLOW_DEMO is not set."""
        if user.is_demo and not settings.ALLOW_DEMO:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)
