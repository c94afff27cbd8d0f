"""What the journal calls an act, in the words of who reads it; one that is not here is shown as it is kept."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "accepted": _("accepted"),
    "accepted tacitly": _("accepted tacitly"),
    "answered a contest": _("answered a contest"),
    "answered a request": _("answered a request"),
    "approved": _("approved"),
    "asked about a contest": _("asked about a contest"),
    "chose e-mail": _("chose e-mail"),
    "chose paper": _("chose paper"),
    "claimed a copy": _("claimed a copy"),
    "contested": _("contested"),
    "downloaded": _("downloaded"),
    "e-mail came back, goes on paper": _("e-mail came back, goes on paper"),
    "e-mail refused, goes on paper": _("e-mail refused, goes on paper"),
    "e-mailed": _("e-mailed"),
    "granted a contest": _("granted a contest"),
    "held": _("held"),
    "imported": _("imported"),
    "invitation accepted": _("invitation accepted"),
    "invitation withdrawn": _("invitation withdrawn"),
    "invited": _("invited"),
    "issued": _("issued"),
    "let go": _("let go"),
    "moved to paper": _("moved to paper"),
    "paid": _("paid"),
    "put on paper": _("put on paper"),
    "refused a contest": _("refused a contest"),
    "rejected": _("rejected"),
    "replied to a contest": _("replied to a contest"),
    "reported a change": _("reported a change"),
    "to be sent again": _("to be sent again"),
    "unanswered e-mail found sent": _("unanswered e-mail found sent"),
    "unanswered e-mail to send again": _("unanswered e-mail to send again"),
}
DOORS = {
    "account": _("their account"),
    "admin": _("administration"),
    "desk": _("the desk"),
    "portal": _("the portal"),
    "system": _("the system"),
}


def named(act: str) -> str:
    """The act, in words."""
    return str(ACTS.get(act, act))


def door(through: str) -> str:
    """The door, in words."""
    return str(DOORS.get(through, through))
