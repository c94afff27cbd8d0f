"""The part of the settings that is about the seal: where its keys are, and who timestamps it (README, "Settings").

Values are checked for their form here; whether a key opens is found out by the process that seals.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from cryptography import x509
from environs import validate
from environs.exceptions import EnvError

from selfbilling.environment import env
from selfbilling.secret import Secret

Said = dict[str, Any]
"""What the settings say of one thing, by the names that its dataclass in invoices/sealing has."""
_QUOTA = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,8})")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def where_the_key_is(prefix: str, *, notes: Path) -> Said:
    """A seal's key by the settings <prefix>_…; nothing, if none is named. notes: a folder of this machine.

    Raises EnvError for a home that is none, or that lacks what it needs.
    """
    homes = {"pkcs12": _file, "pkcs11": _token, "csc": _credential}
    home = env.str(f"{prefix}_KEY", "")
    if not home:
        home = "pkcs12" if env.str(f"{prefix}_PKCS12", "") else ""
        if not home:
            return {}
    if home not in homes:
        raise EnvError(f'Environment variable "{prefix}_KEY" invalid: pkcs12, pkcs11 or csc')
    return {"home": home, **homes[home](prefix), **({} if home == "pkcs12" else {"notes": notes})}


def _file(prefix: str) -> Said:
    return {"file": Path(_needed(f"{prefix}_PKCS12")), "password": _secret(f"{prefix}_PKCS12_PASSWORD")}


def _token(prefix: str) -> Said:
    key_id = env.str(f"{prefix}_PKCS11_KEY_ID", "")
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", key_id):
        raise EnvError(f'Environment variable "{prefix}_PKCS11_KEY_ID" invalid: hexadecimal digits, an even number of them')
    certificates = env.str(f"{prefix}_PKCS11_CERTIFICATES", "")
    return {
        "module": Path(_needed(f"{prefix}_PKCS11_MODULE")),
        "label": _needed(f"{prefix}_PKCS11_TOKEN"),
        "pin": _secret(f"{prefix}_PKCS11_PIN"),
        "key": env.str(f"{prefix}_PKCS11_KEY", ""),
        "key_id": bytes.fromhex(key_id),
        "certificates": Path(certificates) if certificates else None,
    }


def _credential(prefix: str) -> Said:
    return {
        "url": _needed(f"{prefix}_CSC_URL"),
        "name": _needed(f"{prefix}_CSC_CREDENTIAL"),
        "pin": _secret(f"{prefix}_CSC_PIN"),
        "access_token": _secret(f"{prefix}_CSC_ACCESS_TOKEN"),
        "token_url": env.str(f"{prefix}_CSC_TOKEN_URL", ""),
        "client": env.str(f"{prefix}_CSC_CLIENT", ""),
        "client_secret": _secret(f"{prefix}_CSC_CLIENT_SECRET"),
        "timeout": env.float(f"{prefix}_CSC_TIMEOUT", 30.0, validate=validate.Range(0.1, 300, error="0.1 to 300 seconds")),
    }


def timestamp_authorities() -> list[Said]:
    """The authorities named in TIMESTAMP_AUTHORITIES, in turn; each has its settings TIMESTAMP_<NAME>_…

    Raises EnvError.
    """
    names = [one.strip() for one in env.str("TIMESTAMP_AUTHORITIES", "").split(",") if one.strip()]
    if len(set(names)) != len(names) or not all(_NAME.fullmatch(one) for one in names):
        raise EnvError(
            'Environment variable "TIMESTAMP_AUTHORITIES" invalid: names of your own, each once, in lower-case letters and digits, '
            "separated by commas"
        )
    return [_authority(one) for one in names]


def _authority(name: str) -> Said:
    prefix = f"TIMESTAMP_{name.upper()}"
    url, quota = _needed(f"{prefix}_URL"), env.str(f"{prefix}_QUOTA", "")
    if not url.startswith(("https://", "http://")):
        raise EnvError(f'Environment variable "{prefix}_URL" invalid: an address that begins with https:// or http://')
    policy = env.str(f"{prefix}_POLICY", "", validate=validate.Regexp(r"^([0-2](\.\d+)+)?$", error="a dotted identifier, as 1.2.250.1"))
    said: Said = {
        "name": name,
        "url": url,
        "user": env.str(f"{prefix}_USER", ""),
        "password": _secret(f"{prefix}_PASSWORD"),
        "policy": policy,
        "pause": dt.timedelta(seconds=env.int(f"{prefix}_PAUSE", 300, validate=validate.Range(0, 86_400, error="0 to 86400 seconds"))),
    }
    if quota:
        found = _QUOTA.fullmatch(quota.replace(" ", ""))
        if found is None:
            raise EnvError(f'Environment variable "{prefix}_QUOTA" invalid: requests/seconds, as 5000/86400')
        said |= {"most": int(found[1]), "period": dt.timedelta(seconds=int(found[2]))}
    return said


def timestamp_roots() -> tuple[x509.Certificate, ...]:
    """The certificates in the PEM file TIMESTAMP_ROOTS: who is trusted above the timestamp authorities. Raises EnvError."""
    named = env.str("TIMESTAMP_ROOTS", "")
    if not named:
        return ()
    try:
        return tuple(x509.load_pem_x509_certificates(Path(named).read_bytes()))
    except (OSError, ValueError) as error:
        raise EnvError(f'Environment variable "TIMESTAMP_ROOTS" invalid: {named} is no readable PEM file of certificates') from error


def _needed(name: str) -> str:
    value = env.str(name, "")
    if not value:
        raise EnvError(f'Environment variable "{name}" not set, though what is configured needs it')
    return value


def _secret(name: str) -> Secret:
    return Secret(env.str(name, ""))
