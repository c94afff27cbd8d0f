"""One call of a remote signing service: JSON out, JSON back, bounded in time and size, and nothing secret in an error.

Every refusal is raised outside its `except`: the frames below it hold what was sent.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import requests
import urllib3

from invoices.sealing.keys import SealKeyUnavailable
from selfbilling.errors import Unavailable
from selfbilling.secret import Secret

LONGEST_ANSWER = 1_000_000  # bytes; 100 signatures by RSA-4096 are a twelfth of it
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
TRY_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class Rejected(SealKeyUnavailable):
    """The service understood the call and does not do it. code: its word for why, if it gave one (CSC v1 §10.1)."""

    def __init__(self, message: str, *, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer(requests.auth.AuthBase):
    """An access token in the header; as `auth`, so that no .netrc of the machine replaces it."""

    token: Secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token.reveal()}"
        return request


def check_it_is_private(url: str) -> None:
    """Raises SealKeyUnavailable for a URL on whose way PIN and token could be read: https, or this very machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}):
        raise SealKeyUnavailable(f"The address of the signing service {host(url)} must begin with https://.")


def call(url: str, *, body: Mapping[str, object], auth: Bearer | None, timeout: float) -> dict[str, object]:
    """POST a JSON object and read one. timeout: seconds, to connect and for each wait after that; for the whole, twice it.

    Secrets in the body are revealed as it is written. Redirects are not followed: a PIN goes where the operator said.
    Raises Rejected, Unavailable.
    """
    return _post(url, written=lambda: json.dumps(body, default=_revealed), media="application/json", auth=auth, timeout=timeout)


def call_with_form(url: str, *, form: Mapping[str, str | Secret], timeout: float) -> dict[str, object]:
    """The same with a form, as a token is asked for (RFC 6749 §4.4). Raises Rejected, Unavailable."""

    def written() -> str:
        return urlencode({name: _revealed(value) if isinstance(value, Secret) else value for name, value in form.items()})

    return _post(url, written=written, media="application/x-www-form-urlencoded", auth=None, timeout=timeout)


def _post(url: str, *, written: Callable[[], str], media: str, auth: Bearer | None, timeout: float) -> dict[str, object]:
    try:
        with (
            requests.Session() as session,
            session.post(
                url,
                data=written().encode(),
                headers=HEADERS | {"Content-Type": media},
                auth=auth or _Nobody(),
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            answer = _answer(_read(response, until=time.monotonic() + 2 * timeout), status=response.status_code, url=url)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        answer = Unavailable(f"The signing service {host(url)} does not answer ({type(error).__name__}).")
    if isinstance(answer, Unavailable):
        raise answer
    return answer


def _read(response: requests.Response, *, until: float) -> bytes:
    """The whole answer, or b"" if it is too long or comes in drops."""
    text = b""
    while piece := response.raw.read1(65536, decode_content=True):
        text += piece
        if len(text) > LONGEST_ANSWER or time.monotonic() > until:
            return b""
    return text


def _answer(text: bytes, *, status: int, url: str) -> dict[str, object] | Unavailable:
    """What it says; or the refusal to raise, made here so that no frame which raises it holds the text."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    said = said if isinstance(said, dict) else {}
    if status == HTTPStatus.OK and said:
        return said
    service = f"The signing service {host(url)}"
    if status == HTTPStatus.OK:
        return Unavailable(f"{service} answers nothing that can be read.")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return SealKeyUnavailable(f"{service} has moved ({status}): ask the provider for its address, and correct it.")
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in TRY_LATER:
        word = str(said.get("error", ""))
        code = word if re.fullmatch(r"\w{1,40}", word) else ""  # its sentences may repeat what was sent
        return Rejected(f"{service} refuses ({f'{status} {code}'.rstrip()}).", status=status, code=code)
    return Unavailable(f"{service} asks to come back later ({status}).")


def host(url: str) -> str:
    """The host of a URL, for a message: neither a password before it nor a token behind it."""
    return f"« {urlsplit(url).hostname} »"


class _Nobody(requests.auth.AuthBase):
    """No authentication at all, not even from a .netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} is not for a service's eyes")
