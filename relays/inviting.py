"""Inviting somebody to act for a relay: one message, one link, and they are in."""

import datetime as dt
import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from relays import identities, letters
from relays.letters import MailServerAway
from relays.models import Invitation, Membership, Person, Relay, Role
from selfbilling import journal
from selfbilling.errors import Refused

DAYS = 14


class AlreadyIn(Refused):
    """Whoever has that address acts for that relay."""

    def __init__(self, invitation_email: str, relay: Relay) -> None:
        super().__init__(_("%(email)s already acts for %(relay)s.") % {"email": invitation_email, "relay": relay.code})


class AlreadyInvited(Refused):
    """An invitation of that address to that relay is open."""

    def __init__(self, invitation_email: str, relay: Relay) -> None:
        super().__init__(
            _("%(email)s is already invited for %(relay)s. Withdraw that invitation to send another one.")
            % {"email": invitation_email, "relay": relay.code}
        )


class NoAddress(Refused):
    """The relay has no e-mail address."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(_("%(relay)s has no e-mail address.") % {"relay": relay.code})


class Expired(Refused):
    """Its days are over."""

    def __init__(self) -> None:
        super().__init__(_("This invitation has expired. Write to us or call: we send you another one."))


class Withdrawn(Refused):
    """Whoever sent it took it back."""

    def __init__(self) -> None:
        super().__init__(_("This invitation was withdrawn. If another one reached you since, use that one; else write to us."))


class Accepted(Refused):
    """It is good once."""

    def __init__(self) -> None:
        super().__init__(_("This invitation has already been used. If it was you, sign in."))


class AddressHasAccount(Refused):
    """Whoever has an account proves it, and does not make another one."""

    def __init__(self) -> None:
        super().__init__(_("There is already an account under this address: sign in, then accept."))


def invite(*, relay: Relay, email: str, role: str, by: Person | None) -> Invitation:
    """Invite whoever reads that address to act for the relay, and send the message; two transactions with the sending between.

    Raises AlreadyIn, AlreadyInvited, MailServerAway (nothing was sent, no invitation stays open).
    """
    secret = secrets.token_urlsafe(32)  # 256 bits
    invitation = _open(relay=relay, email=Person.objects.normalize_email(email.strip()), role=role, by=by, secret=secret)
    try:
        letters.send("account_invitation", to=invitation.email, said=_said(invitation, secret=secret))
    except MailServerAway:
        withdraw(invitation_id=invitation.pk, by=by)
        raise
    return invitation


def invite_relay(*, relay: Relay, by: Person | None) -> Invitation:
    """Invite the relay's owner at the address that the relay has today. Raises NoAddress, and as invite()."""
    identity = identities.in_force(timezone.localdate(), [relay.pk]).get(relay.pk)
    if identity is None or not identity.email:
        raise NoAddress(relay)
    return invite(relay=relay, email=identity.email, role=Role.OWNER, by=by)


@transaction.atomic
def withdraw(*, invitation_id: int, by: Person | None) -> None:
    """Take an invitation back: its link is dead. Raises Accepted; withdrawing twice changes nothing."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    if invitation.accepted_at is not None:
        raise Accepted
    if invitation.withdrawn_at is None:
        _close(invitation, by=by)


def of_secret(secret: str) -> Invitation | None:
    """The invitation that this link's secret belongs to, used up or not; None: there is none."""
    return Invitation.objects.select_related("relay", "invited_by").filter(secret_sha256=_sha256(secret)).first()


def usable(invitation: Invitation) -> None:
    """Raises Accepted, Withdrawn or Expired unless it can still be accepted."""
    if invitation.accepted_at is not None:
        raise Accepted
    if invitation.withdrawn_at is not None:
        raise Withdrawn
    if invitation.expires_at <= timezone.now():
        raise Expired


@transaction.atomic
def accept(*, invitation_id: int, by: Person) -> Membership:
    """That person acts for the relay from now on. Raises Accepted, Withdrawn, Expired.

    Who follows the link reads the mail of that address: is it the person's own, it counts as verified.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("relay").get(pk=invitation_id)
    usable(invitation)
    if invitation.email.lower() == by.email.lower():
        EmailAddress.objects.update_or_create(user=by, email=by.email.lower(), defaults={"verified": True, "primary": True})
    membership = Membership.objects.select_for_update().filter(person=by, relay=invitation.relay).first()
    before = membership.role if membership else None
    if membership is None:
        membership = Membership.objects.create(person=by, relay=invitation.relay, role=invitation.role)
    elif membership.role != invitation.role:
        membership.role = invitation.role
        membership.save(update_fields=["role"])
    invitation.accepted_at, invitation.accepted_by = timezone.now(), by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    journal.record(
        act="invitation accepted", subject=f"relay:{invitation.relay.code}", by=by, person=by.pk, before=before, after=invitation.role
    )
    return membership


@transaction.atomic
def join(*, invitation_id: int, name: str, password: str) -> Person:
    """Make the person who was invited, who has no account yet, with that password; and accept.

    Raises AddressHasAccount, and as accept().
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    usable(invitation)
    if has_account(invitation):
        raise AddressHasAccount
    person = Person.objects.create_user(invitation.email, password, name=" ".join(name.split()))
    accept(invitation_id=invitation.pk, by=person)
    return person


def has_account(invitation: Invitation) -> bool:
    """Whether somebody has an account under the invited address."""
    return Person.objects.filter(email__iexact=invitation.email).exists()


@transaction.atomic
def _open(*, relay: Relay, email: str, role: str, by: Person | None, secret: str) -> Invitation:
    Relay.objects.select_for_update().get(pk=relay.pk)  # two clerks at once invite one after the other
    if Membership.objects.filter(relay=relay, person__email__iexact=email, role=role).exists():
        raise AlreadyIn(email, relay)
    now = timezone.now()
    for earlier in Invitation.objects.filter(relay=relay, email__iexact=email, accepted_at=None, withdrawn_at=None):
        if earlier.expires_at > now:
            raise AlreadyInvited(email, relay)
        _close(earlier, by=by)
    invitation = Invitation.objects.create(
        relay=relay, email=email, role=role, secret_sha256=_sha256(secret), invited_by=by, expires_at=now + dt.timedelta(days=DAYS)
    )
    journal.record(act="invited", subject=f"relay:{relay.code}", by=by, invitation=invitation.pk, role=str(role))
    return invitation


def _close(invitation: Invitation, *, by: Person | None) -> None:
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    journal.record(act="invitation withdrawn", subject=f"relay:{invitation.relay.code}", by=by, invitation=invitation.pk)


def _said(invitation: Invitation, *, secret: str) -> dict[str, object]:
    return {
        "url": settings.SITE_URL + reverse("relay:join", args=[secret]),
        "shop": shop_name(invitation.relay),
        "relay": invitation.relay,
        "role": invitation.role,
        "until": timezone.localdate(invitation.expires_at),
    }


def shop_name(relay: Relay) -> str:
    """What the relay is called today: its sign, else its legal name, else its code."""
    identity = identities.in_force(timezone.localdate(), [relay.pk]).get(relay.pk)
    return (identity and (identity.trade_name or identity.legal_name)) or relay.code


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
