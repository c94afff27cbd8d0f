"""Who may log in at all."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class PersonBackend(ModelBackend):
    """E-mail and password; a demo login is refused where ALLOW_DEMO is not set, sessions that it has open too."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether that person may come in, now and at each later request."""
        return super().user_can_authenticate(user) and (settings.ALLOW_DEMO or not user.is_demo)
