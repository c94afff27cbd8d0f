"""One question to an authority of the seal (RFC 3161, OCSP, CRL) over HTTP: its answer bounded in time and size."""

import time
from functools import cache
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
import urllib3

from selfbilling.errors import Unavailable
from selfbilling.secret import Secret


class NoAnswer(Unavailable):
    """It did not answer, or not with what was asked for; the message says who and what."""


class Login(requests.auth.AuthBase):
    """A user's name and password, or nobody's; as `auth`, so that no .netrc of the machine is looked into."""

    def __init__(self, *, user: str = "", password: Secret = Secret("")) -> None:  # noqa: B008  (it never changes)
        self._user = user
        self._password = password

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._user:
            request.headers["Authorization"] = requests.auth._basic_auth_str(self._user, self._password.reveal())
        return request


def fetch(url: str, *, at_most: int, timeout: float, question: bytes | None = None, media: str = "", login: Login | None = None) -> bytes:
    """GET, or POST a question of that media type; the answer's body.

    at_most: bytes. timeout: seconds, to connect and for each wait after that; for the whole, twice it. Redirects are not
    followed: who is asked is who the operator or the certificate names. Raises NoAnswer.
    """
    try:
        with _session().request(
            "GET" if question is None else "POST",
            url,
            data=question,
            headers={"Accept-Encoding": "identity"} | ({"Content-Type": media} if media else {}),
            auth=login or Login(),
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != HTTPStatus.OK:
                raise NoAnswer(f"{host(url)} answers with status {response.status_code}")
            return _body(response, at_most=at_most, until=time.monotonic() + 2 * timeout)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
        raise NoAnswer(f"{host(url)} does not answer ({type(error).__name__})") from None  # the cause holds the password


def host(url: str) -> str:
    """The host of a URL, for a message: neither a password before it nor a token behind it."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "an address without a host"
    except ValueError:
        return "an address without a host"


def _body(response: requests.Response, *, at_most: int, until: float) -> bytes:
    body = bytearray()
    while piece := response.raw.read1(65536):
        body += piece
        if len(body) > at_most:
            raise NoAnswer(f"{host(response.url)} answers with more than {at_most} bytes")
        if time.monotonic() > until:
            raise NoAnswer(f"{host(response.url)} answers too slowly")
    return bytes(body)


@cache
def _session() -> requests.Session:
    """Connections kept open: a month is thousands of questions to two or three hosts."""
    return requests.Session()
