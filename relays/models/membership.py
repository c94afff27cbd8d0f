"""Who acts for which relay, and as what: many-to-many, with a role; and how they are invited."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relays.models.relay import Relay


class Role(models.TextChoices):
    """What a person is to a relay; `access.py` says what each may do."""

    OWNER = "owner", _("owner")
    EMPLOYEE = "employee", _("employee")
    ACCOUNTANT = "accountant", _("accountant")


class Membership(models.Model):
    """A person acts for a relay."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="memberships")
    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "relay"], name="one_role_of_a_person_at_a_relay")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.relay_id}"


class Invitation(models.Model):
    """One message with one link, by which a person becomes a member. The link's secret is kept as its SHA-256 only."""

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"), max_length=254)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    secret_sha256 = models.CharField(_("SHA-256 of the secret"), max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("invited by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField(_("invited on"), auto_now_add=True)
    expires_at = models.DateTimeField(_("good until"))
    accepted_at = models.DateTimeField(_("accepted on"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("accepted by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "relay", "email", condition=Q(accepted_at=None, withdrawn_at=None), name="one_open_invitation_of_an_address_to_a_relay"
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | ~Q(accepted_by=None), name="an_accepted_invitation_has_its_person"),
        ]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.role}"
