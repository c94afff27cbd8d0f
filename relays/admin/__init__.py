"""The desk's first door, for who: looking only, until each deed has its page."""

from typing import ClassVar

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from relays.admin import accounts
from relays.admin.documents import Documented
from relays.admin.inviting import Inviting
from relays.admin.queue import Queued
from relays.admin.second_factor import Resetting
from relays.admin.staff import Staffing
from relays.admin.uploads import RelayUploads
from relays.admin.wording import Worded
from relays.models import BEGINNING, Identity, Mandate, MandateText, OptIn, Person, Relay, VatRegime
from selfbilling.looking import Looked, LookOnly

__all__ = ["accounts"]


class IdentityInline(Looked):
    """Who it is, from which day."""

    model = Identity
    fields = ("since", "legal_name", "legal_form", "siret", "city", "email", "iban")
    readonly_fields = ("since",)

    @admin.display(description=_("valid from"))
    def since(self, identity: Identity) -> str:
        """The day; the first day there is has no date."""
        return gettext("the beginning") if identity.valid_from == BEGINNING else date_format(identity.valid_from)


class VatRegimeInline(Looked):
    """Its VAT regimes."""

    model = VatRegime


class MandateInline(Looked):
    """Its mandates."""

    model = Mandate
    fields = ("text", "signed_on", "valid_from", "valid_to", "channel", "state")


class OptInInline(Looked):
    """Its opt-ins to e-mail."""

    model = OptIn
    fields = ("given_on", "withdrawn_on", "source")


@admin.register(Relay)
class RelayAdmin(RelayUploads, Inviting, LookOnly):
    """A relay with its whole history."""

    list_display = ("code", "imported_at")
    search_fields = (
        "code",
        "identities__legal_name",
        "identities__trade_name",
        "identities__city",
        "identities__siret",
        "identities__email",
    )
    inlines: ClassVar = [IdentityInline, VatRegimeInline, MandateInline, OptInInline]


@admin.register(Mandate)
class MandateAdmin(Queued, Documented, LookOnly):
    """Mandates."""

    list_display = ("relay", "text", "valid_from", "valid_to", "channel", "state")
    list_filter = ("state", "channel")
    list_select_related = ("relay", "text")
    search_fields = ("relay__code",)


@admin.register(MandateText)
class MandateTextAdmin(Worded, LookOnly):
    """Versions of the mandate's text."""

    list_display = ("version", "contest_days", "on_paper", "words")


@admin.register(Person)
class PersonAdmin(Staffing, Resetting, LookOnly):
    """People who may log in."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("email", "name")
    exclude = ("password",)
