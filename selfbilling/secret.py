"""A PIN, a password, an access token: words that no message, log or traceback may show."""

import hmac


class Secret:
    """A secret on its way to the one who asks for it; reveal() is called in the very call that gives it away.

    Held in a name of its own, the plain text would stand among a traceback's local variables.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(…)"


NOTHING = Secret("")
