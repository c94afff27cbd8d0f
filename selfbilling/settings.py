"""Every setting, from the environment; a bad value stops the start and names itself (README, "Settings").

`NAME_FILE` may stand for `NAME` where the value is a secret kept in a file.
"""

import os
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from environs import validate
from environs.exceptions import EnvError
from stdnum.fr import siret, tva

from selfbilling import embedded
from selfbilling.environment import env
from selfbilling.seal_settings import timestamp_authorities, timestamp_roots, where_the_key_is

django_stubs_ext.monkeypatch()
BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_SIRET = "91234567500017"


def _checked(name: str, value: str, module: Any) -> str:
    """The value, if python-stdnum's module for it says that it is well formed."""
    if value and not module.is_valid(value):
        raise EnvError(f'Environment variable "{name}" invalid: {value!r} fails its check digits')
    return value


def _paper_contest_days() -> int | None:
    """Days in which a relay may contest under a paper mandate; set to empty: no delay."""
    if os.environ.get("OPERATOR_PAPER_CONTEST_DAYS", "30").strip() == "":
        return None
    return env.int("OPERATOR_PAPER_CONTEST_DAYS", 30, validate=validate.Range(1, 3650))


def _operator() -> dict[str, str]:
    """The operator's identity, from OPERATOR_<FIELD>; the demo operator's by default."""
    demo = {
        "name": "Réseau Relais SAS",
        "legal_form": "SAS",
        "siret": DEMO_SIRET,
        "vat_number": "FR65912345675",
        "address_line1": "12 quai de la Râpée",
        "address_line2": "",
        "postcode": "75012",
        "city": "Paris",
        "rcs_city": "Paris",
        "share_capital": "1 000 000 €",
        "email": "relais@reseau-relais.example",
        "phone": "01 99 00 12 34",
    }
    named = env.str("OPERATOR_SIRET", "") != ""
    operator = {field: env.str(f"OPERATOR_{field.upper()}", "" if named else default) for field, default in demo.items()}
    for field in ("name", "legal_form", "siret", "vat_number", "address_line1", "postcode", "city", "email"):
        if not operator[field]:
            raise EnvError(f'Environment variable "OPERATOR_{field.upper()}" not set: it stands on every invoice')
    _checked("OPERATOR_SIRET", operator["siret"], siret)
    _checked("OPERATOR_VAT_NUMBER", operator["vat_number"].removeprefix("FR"), tva)
    return operator


def _production() -> None:
    """What must be said, and not left to a default, where the database is the operator's own."""
    if not SECRET_KEY:
        raise EnvError('Environment variable "SECRET_KEY" not set: with DATABASE_URL it has no default')
    if not OPERATOR_SERIES:
        raise EnvError(
            'Environment variable "OPERATOR_SERIES" not set: with DATABASE_URL the operator\'s root of the numbers may not be empty'
        )
    if not ALLOW_DEMO and OPERATOR["siret"] == DEMO_SIRET:
        raise EnvError(
            'Environment variable "OPERATOR_SIRET" not set: the demo operator is refused with DATABASE_URL (ALLOW_DEMO=yes allows it)'
        )
    if not ALLOW_DEMO and not any(SEAL_KEYS):
        raise EnvError(
            'Environment variable "SEAL_PKCS12" not set, nor SEAL_KEY: '
            "the demo certificate is refused with DATABASE_URL (ALLOW_DEMO=yes allows it)"
        )


try:
    # Where this installation lives: embedded services, archive, outgoing mail, demo certificate.
    DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "var").absolute()
    DATABASE_URL = env.str("DATABASE_URL", "")
    BROKER_URL = env.str("BROKER_URL", "")
    # Demo logins, demo certificate, demo operator: on an embedded installation, or where it is said.
    ALLOW_DEMO = env.bool("ALLOW_DEMO", not DATABASE_URL)
    DEBUG = env.bool("DEBUG", False)
    SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [urlsplit(SITE_URL).hostname or ""])
    SECRET_KEY = env.str("SECRET_KEY", "") or (embedded.secret_key(DATA_DIR) if ALLOW_DEMO else "")

    # The operator: the buyer on every invoice.
    OPERATOR = _operator()
    OPERATOR_SERIES = env.str(
        "OPERATOR_SERIES",
        "",
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{0,6}$", error="at most 6 of letters, digits, - and _"),
    )
    OPERATOR_PAYMENT_DAYS = env.int(
        "OPERATOR_PAYMENT_DAYS",
        30,
        validate=validate.Range(0, 45, error="0 to 45 days after the issue date (C. com. L441-10)"),
    )
    OPERATOR_PAPER_CONTEST_DAYS = _paper_contest_days()
    OPERATOR_PENALTY_RATE = env.decimal("OPERATOR_PENALTY_RATE", Decimal("12.15"), validate=validate.Range(0, 100))  # per cent a year
    # What a letter costs, in EUR: what each e-mail saves.
    OPERATOR_STAMP_COST = env.decimal("OPERATOR_STAMP_COST", Decimal("1.02"), validate=validate.Range(0, 100))
    OPERATOR_SHEET_COST = env.decimal("OPERATOR_SHEET_COST", Decimal("0.09"), validate=validate.Range(0, 100))

    # The seal's key and its successor (docs/sealing-keys.md). Without one: the demo certificate, made on first use under DATA_DIR.
    SEAL_KEYS = [where_the_key_is("SEAL", notes=DATA_DIR), where_the_key_is("SEAL_NEXT", notes=DATA_DIR)]
    SEAL_LEVEL = env.str("SEAL_LEVEL", "B-B", validate=validate.OneOf(["B-B", "B-T", "B-LT", "B-LTA"], error="B-B, B-T, B-LT or B-LTA"))
    # Who says when a seal was made (RFC 3161), tried in turn; whom we believe it.
    TIMESTAMP_AUTHORITIES = timestamp_authorities()
    TIMESTAMP_ROOTS = timestamp_roots()
    TIMESTAMP_TIMEOUT = env.float("TIMESTAMP_TIMEOUT", 10.0, validate=validate.Range(0.1, 300, error="0.1 to 300 seconds"))
    if SEAL_LEVEL != "B-B" and not (TIMESTAMP_AUTHORITIES and TIMESTAMP_ROOTS):
        missing = "TIMESTAMP_ROOTS" if TIMESTAMP_AUTHORITIES else "TIMESTAMP_AUTHORITIES"
        raise EnvError(f'Environment variable "{missing}" not set: SEAL_LEVEL={SEAL_LEVEL} needs timestamps')

    ARCHIVE_DIR = Path(env.str("ARCHIVE_DIR", "") or DATA_DIR / "archive").absolute()
    # Outgoing mail: with SMTP_HOST by SMTP, else as .eml files in MAIL_DIR. Paper batches lie in PAPER_DIR.
    MAIL_DIR = Path(env.str("MAIL_DIR", "") or DATA_DIR / "mail").absolute()
    PAPER_DIR = Path(env.str("PAPER_DIR", "") or DATA_DIR / "paper").absolute()
    SMTP_HOST = env.str("SMTP_HOST", "")
    SMTP_PORT = env.int("SMTP_PORT", 587)
    SMTP_USER = env.str("SMTP_USER", "")
    SMTP_PASSWORD = env.str("SMTP_PASSWORD", "")
    SMTP_SECURITY = env.str(
        "SMTP_SECURITY", "starttls", validate=validate.OneOf(["none", "starttls", "tls"], error="none, starttls or tls")
    )
    MAIL_FROM = env.str("MAIL_FROM", "") or OPERATOR["email"]

    if DATABASE_URL:
        DATABASES: dict[str, Any] = {"default": dict(dj_database_url.parse(DATABASE_URL, conn_max_age=60))}
        _production()
    else:
        DATABASES = {"default": embedded.database(DATA_DIR)}
except (EnvError, ValueError, OSError) as error:
    sys.stderr.write(f"Settings: {error}\n")
    raise SystemExit(1) from None

INSTALLED_APPS = [
    "selfbilling",
    "relays",
    "invoices",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "csp",
    "pgtrigger",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "selfbilling.doors.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "relays.sessions.SeenMiddleware",
    "selfbilling.doors.DoorMiddleware",
    "relays.second_factor.SecondFactorMiddleware",
]
ROOT_URLCONF = "selfbilling.urls"
WSGI_APPLICATION = "selfbilling.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "selfbilling.doors.frame",
                "relays.portal.navigation.navigation",
            ],
        },
    },
]

AUTH_USER_MODEL = "relays.Person"
AUTHENTICATION_BACKENDS = ["relays.authentication.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# django-allauth: e-mail as login; nobody signs up by themselves, a relay's people are invited.
ACCOUNT_ADAPTER = "relays.signing_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is verified by the link of the invitation
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password, a new passkey: its owner is told
ACCOUNT_RATE_LIMITS = {  # of one network address; of one e-mail address
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "10/m/ip,3/10m/key",
    "ask_for_link": "10/m/ip,3/10m/key",
    "use_link": "20/m/ip",
    "join": "30/m/ip",
}
ACCOUNT_FORMS = {
    "login": "relays.portal.forms.SignIn",
    "reset_password": "relays.portal.forms.AskForReset",
    "reset_password_from_key": "relays.portal.forms.ResetPassword",
    "change_password": "relays.portal.forms.ChangePassword",
    "set_password": "relays.portal.forms.SetPassword",
    "reauthenticate": "relays.portal.forms.Reauthenticate",
}
MFA_ADAPTER = "relays.signing_in.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever has an account was invited at that address, or made by staff
MFA_FORMS = {
    "authenticate": "relays.portal.forms.SecondFactor",
    "reauthenticate": "relays.portal.forms.SecondFactorAgain",
    "activate_totp": "relays.portal.forms.ActivateApp",
    "add_webauthn": "relays.portal.forms.AddPasskey",
    "edit_webauthn": "relays.portal.forms.NamePasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = OPERATOR["name"]

# Rate limits count here, for all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "selfbilling_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # beyond, counts are thrown away before their time
    }
}
CSRF_FAILURE_VIEW = "selfbilling.doors.forged"
EMAIL_BACKEND = "selfbilling.outgoing.Backend"
DEFAULT_FROM_EMAIL = MAIL_FROM

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGTRIGGER_MIGRATIONS = True

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = sorted(path for app in ("selfbilling", "relays", "invoices") for path in (BASE_DIR / app).rglob("locale"))
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
warnings.filterwarnings("ignore", message="No directory at")  # without collectstatic the finders serve
WHITENOISE_AUTOREFRESH = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: the admin's own icons
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if SITE_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_HTTPONLY = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}, "nowhere": {"class": "logging.NullHandler"}},
    "loggers": {"django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False}},  # anybody can cause it
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
