"""Letters that are not invoices (a link, a code, an answer): by SMTP where it is set, else as .eml files beside the invoices'."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

_TIMEOUT = 10.0  # seconds for each answer of the mail server: somebody waits for the page


class _Files(BaseEmailBackend):
    """One .eml file a message."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each under a temporary name, then its own."""
        folder = Path(settings.MAIL_DIR) / "letters"
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            file = folder / f"{uuid.uuid4().hex}.eml"
            temporary = file.with_suffix(".writing")
            temporary.write_bytes(message.message().as_bytes())
            temporary.rename(file)
        return len(email_messages)


class Backend:
    """Django's e-mail backend, by the settings."""

    def __new__(cls, **options: Any) -> BaseEmailBackend:  # type: ignore[misc]
        """SMTP, or files."""
        if not settings.SMTP_HOST:
            return _Files(**options)
        return EmailBackend(
            host=settings.SMTP_HOST,
            port=settings.SMTP_PORT,
            username=settings.SMTP_USER,
            password=settings.SMTP_PASSWORD,
            use_tls=settings.SMTP_SECURITY == "starttls",
            use_ssl=settings.SMTP_SECURITY == "tls",
            timeout=_TIMEOUT,
            **options,
        )
