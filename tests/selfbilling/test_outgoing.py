"""Letters by a mail server that does not do its part."""

import socket
from smtplib import SMTPException
from typing import Any

import pytest
from django.core.mail import EmailMessage

from selfbilling import outgoing


def test_a_mail_server_that_takes_the_call_and_says_nothing_is_not_waited_for(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_TIMEOUT", 0.2)
    settings.EMAIL_BACKEND = "selfbilling.outgoing.Backend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SMTP_HOST, settings.SMTP_PORT = silent.getsockname()
        with pytest.raises(SMTPException, match="timed out"):
            EmailMessage("Votre lien", "https://…", to=["alice@example.org"]).send()
