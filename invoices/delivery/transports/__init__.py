"""Where e-mails are handed over. A new way is one file, one line in mailing.open_transport(), one value of Delivery.Transport."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from selfbilling.errors import Unavailable


class MailUnavailable(Unavailable):
    """No e-mail can be handed over now; the one that was being offered was not taken."""


class Outcome(Enum):
    """What became of one message."""

    TAKEN = auto()
    REFUSED = auto()  # for good: this address gets no e-mail
    LATER = auto()  # not now: this message alone is tried again later
    LOST = auto()  # the connection broke before the text was complete: not taken, to be tried again
    UNANSWERED = auto()  # handed over whole, but the answer never came: it may have been taken, or not


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. text: its own words."""

    outcome: Outcome
    text: str = ""


class Transport(Protocol):
    """Takes messages, one after the other."""

    name: str  # a value of Delivery.Transport

    def hand_over(self, message: bytes, *, message_id: str, sender: str, recipient: str) -> Answer:
        """Hand over one message, lines ended by CRLF; addresses in ASCII. Raises MailUnavailable."""

    def close(self) -> None:
        """Nothing more will come."""
