"""A mail server, by SMTP (RFC 5321): one connection for many messages, made again where the server ends it.

What matters is the moment from which a message may have been taken: the dot that ends its text (§4.1.1.4). Before it
nothing was taken, whatever breaks; after it only the server's answer tells.
"""

import contextlib
import re
import smtplib
import ssl

from invoices.delivery.transports import Answer, MailUnavailable, Outcome

_TIMEOUT = 60.0  # seconds for each command
_ANSWER_TIMEOUT = 600.0  # seconds for the answer to the text (§4.5.3.2.6: ten minutes)
_BROKEN = (smtplib.SMTPException, OSError)
_AFTER_TEXT = b".\r\n"


class Smtp:
    """One mail server. security: none, starttls or tls. user "": no login."""

    name = "smtp"

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: str,
        user: str = "",
        password: str = "",
        timeout: float = _TIMEOUT,
        answer_timeout: float = _ANSWER_TIMEOUT,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._user, self._password = user, password
        self._timeout, self._answer_timeout = timeout, answer_timeout
        self._server: smtplib.SMTP | None = None

    def hand_over(self, message: bytes, *, message_id: str, sender: str, recipient: str) -> Answer:
        """Hand over one message, lines ended by CRLF. Raises MailUnavailable: the server takes no message at all now."""
        try:
            server, refusal = self._offered(sender, recipient)
        except _BROKEN as error:
            self.close()
            raise self._unavailable(error) from error
        return refusal or self._text(server, message)

    def close(self) -> None:
        """Say good-bye, if there is somebody to say it to."""
        if self._server is not None:
            try:
                self._server.quit()
            except _BROKEN:
                self._server.close()
            self._server = None

    def _offered(self, sender: str, recipient: str) -> tuple[smtplib.SMTP, Answer | None]:
        """Sender, recipient and DATA; where an older connection has had enough messages, on a new one."""
        if self._server is not None:
            try:
                return self._server, _offer(self._server, sender=sender, recipient=recipient)
            except _BROKEN:
                self.close()
        self._server = self._connected()
        return self._server, _offer(self._server, sender=sender, recipient=recipient)

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._security == "starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
            server.ehlo_or_helo_if_needed()
        except _BROKEN:
            server.close()
            raise
        return server

    def _text(self, server: smtplib.SMTP, message: bytes) -> Answer:
        try:
            server.send(_transparent(message))
        except _BROKEN as error:
            self.close()
            return Answer(Outcome.LOST, f"the connection was lost in the midst of the message: {error}")
        try:
            server.send(_AFTER_TEXT)
            if server.sock is not None:
                server.sock.settimeout(self._answer_timeout)
            answer = _judged(*server.getreply())
            if server.sock is not None:
                server.sock.settimeout(self._timeout)
        except _BROKEN as error:
            self.close()
            return Answer(Outcome.UNANSWERED, f"no answer after the message: {error}")
        return answer

    def _unavailable(self, error: Exception) -> MailUnavailable:
        where = f"The mail server {self._host}:{self._port}"
        if isinstance(error, smtplib.SMTPAuthenticationError):
            what = f"refuses the login ({_words(error.smtp_code, error.smtp_error)}); look at SMTP_USER and SMTP_PASSWORD"
        elif isinstance(error, smtplib.SMTPSenderRefused):
            what = f"takes no mail from {error.sender} ({_words(error.smtp_code, error.smtp_error)})"
        elif isinstance(error, smtplib.SMTPResponseException):
            what = f"takes no mail now ({_words(error.smtp_code, error.smtp_error)})"
        elif isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
            what = f"does not agree on SMTP_SECURITY={self._security} ({error})"
        else:
            what = f"does not answer ({error})"
        return MailUnavailable(f"{where} {what}. Nothing is lost; run the same command again once this is mended.")


def _offer(server: smtplib.SMTP, *, sender: str, recipient: str) -> Answer | None:
    """None once the server waits for the text; else its refusal of this recipient or message."""
    code, words = server.mail(sender)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, words, sender)
    code, words = server.rcpt(recipient)
    if 200 <= code < 300:
        code, words = server.docmd("DATA")
        if code == 354:
            return None
    if code == 421 or code < 400:  # the server is closing (§3.8), or speaks no SMTP: nobody's refusal
        raise smtplib.SMTPResponseException(code, words)
    with contextlib.suppress(*_BROKEN):  # a server that hangs up on the refused: the next message finds a new connection
        server.rset()
    return _judged(code, words)


def _judged(code: int, words: bytes) -> Answer:
    """By the first digit (RFC 5321 §4.2.1); what is no reply of SMTP is no answer."""
    outcomes = {2: Outcome.TAKEN, 4: Outcome.LATER, 5: Outcome.REFUSED}
    return Answer(outcomes.get(code // 100, Outcome.UNANSWERED), _words(code, words))


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _transparent(message: bytes) -> bytes:
    """The text as it is sent: a line that begins with a dot gets another one (§4.5.2), and the last line ends."""
    stuffed = re.sub(rb"(?m)^\.", b"..", message)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
