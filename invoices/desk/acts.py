"""What the journal calls an act, in the words of who reads it; one that is not here is shown as it is kept."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from selfbilling import doors

ACTS = {
    "accepted": _("accepted"),
    "accepted tacitly": _("accepted tacitly"),
    "answered a contest": _("answered a contest"),
    "answered a request": _("answered a request"),
    "announced a certificate's end": _("announced a certificate's end"),
    "approved": _("approved"),
    "asked about a contest": _("asked about a contest"),
    "asked to bill": _("asked to bill"),
    "asked to deliver": _("asked to deliver"),
    "asked to issue": _("asked to issue"),
    "billed": _("billed"),
    "chose e-mail": _("chose e-mail"),
    "chose paper": _("chose paper"),
    "claimed a copy": _("claimed a copy"),
    "contested": _("contested"),
    "delivery started": _("delivery started"),
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
    "issuing ended": _("issuing ended"),
    "issuing started": _("issuing started"),
    "let go": _("let go"),
    "mandate approved": _("mandate approved"),
    "mandate rejected": _("mandate rejected"),
    "mandate scan filed": _("mandate scan filed"),
    "mandate text entered": _("mandate text entered"),
    "mention added": _("mention added"),
    "moved to paper": _("moved to paper"),
    "paid": _("paid"),
    "paper batch written": _("paper batch written"),
    "put on paper": _("put on paper"),
    "refused a contest": _("refused a contest"),
    "rejected": _("rejected"),
    "renamed": _("renamed"),
    "replied to a contest": _("replied to a contest"),
    "reported a change": _("reported a change"),
    "second factor reset": _("second factor reset"),
    "staff created": _("staff created"),
    "tacit acceptance fell": _("tacit acceptance fell"),
    "to be sent again": _("to be sent again"),
    "unanswered e-mail found sent": _("unanswered e-mail found sent"),
    "unanswered e-mail to send again": _("unanswered e-mail to send again"),
}


SUBJECTS = {
    "invoice": _("Invoice %(key)s"),
    "mandate": _("Mandate %(key)s"),
    "relay": _("Relay %(key)s"),
}


def on_what(subject: str) -> str:
    """What an act was done on, in words."""
    kind, _colon, key = subject.partition(":")
    return str(SUBJECTS[kind]) % {"key": key} if kind in SUBJECTS else subject


def details(detail: Mapping[str, Any]) -> list[str]:
    """What an entry says beside, a line each; what changed, as before → after."""
    rest = {key: value for key, value in detail.items() if key not in {"before", "after"} and value is not None}
    return [*_changes(detail.get("before"), detail.get("after")), *(f"{key}: {_shown(value)}" for key, value in rest.items())]


def _changes(before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = before or {}, after or {}
        for key in dict.fromkeys([*old, *new]):
            yield f"{key}: {_shown(old.get(key))} → {_shown(new.get(key))}"
    elif before is not None or after is not None:
        yield f"{_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if value in (None, ""):
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def named(act: str) -> str:
    """The act, in words."""
    return str(ACTS.get(act, act))


def door(through: str) -> str:
    """The door, in words."""
    return doors.in_words(through)
