"""A folder of .eml files, each named by its Message-ID: what is there was handed over."""

from pathlib import Path

from invoices.delivery import whole
from invoices.delivery.transports import Answer, MailUnavailable, Outcome


class Folder:
    """The folder; whoever takes the files away must not do so within the minute after they appear."""

    name = "files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, message_id: str) -> bool:
        """Whether that message was handed over."""
        return self._path(message_id).exists()

    def hand_over(self, message: bytes, *, message_id: str, sender: str, recipient: str) -> Answer:
        """Write the message. Raises MailUnavailable, which leaves no half file."""
        path = self._path(message_id)
        try:
            whole.make_folder(self._folder)
            whole.write(path, message)
        except OSError as error:
            raise MailUnavailable(
                f"E-mails cannot be written to {self._folder}: {error.strerror}. Nothing is lost; "
                "run the same command again once this is mended."
            ) from error
        return Answer(Outcome.TAKEN, f"written as {path.name}")

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, message_id: str) -> Path:
        return self._folder / f"{message_id.strip('<>')}.eml"
