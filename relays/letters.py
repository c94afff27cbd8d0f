"""Letters to people that are not invoices: a link, an invitation, an answer; in the language of the page that caused them."""

from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from selfbilling.errors import Unavailable


class MailServerAway(Unavailable):
    """The letter could not be handed over: nothing was sent."""

    def __init__(self) -> None:
        super().__init__(_("The message could not be sent: our mail server does not answer. Try again in a few minutes."))


def send(letter: str, *, to: str, said: Mapping[str, Any]) -> None:
    """Send templates/emails/<letter>.{subject,txt,html} to that address, from the operator.

    said: what the templates say; the operator is added. Outside of any transaction: it talks to a mail server.
    Raises MailServerAway.
    """
    words = {"operator": settings.OPERATOR, "language": get_language(), **said}
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"emails/{letter}.subject", words).split()),
        body=render_to_string(f"emails/{letter}.txt", words).strip() + "\n",
        from_email=sender(),
        to=[to],
        reply_to=[settings.OPERATOR["email"]],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": words["language"]},  # RFC 3834
    )
    message.attach_alternative(render_to_string(f"emails/{letter}.html", words), "text/html")
    try:
        message.send()
    except (OSError, SMTPException) as error:
        raise MailServerAway from error


def sender() -> str:
    """The operator's name and address, as they stand in From."""
    name = settings.OPERATOR["name"].replace('"', "").replace("\\", "")
    return f'"{name}" <{settings.MAIL_FROM}>'
