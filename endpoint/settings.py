"""What whoever runs the endpoint decides. From the environment, and from the command line over it."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from endpoint import anchors
from endpoint.anchors import AnchorFile
from endpoint.errors import SettingError
from endpoint.identity import openid_settings
from endpoint.identity.openid_settings import OpenId
from endpoint.keeping import terms
from endpoint.watch import settings as watch
from endpoint.watch.settings import Channels


class Settings(Struct, frozen=True, kw_only=True):
    data: Path
    """Folder for the key file and, by default, the database. RAPP_DATA."""
    database_url: str | None = None
    """postgresql://..., for more than one machine; None: an SQLite file in `data`. DATABASE_URL."""
    host: str = "127.0.0.1"
    port: int = 8710
    public_url: str | None = None
    """How phones and browsers reach the endpoint, without a slash at the end. RAPP_PUBLIC_URL."""
    hosts: tuple[str, ...] = ()
    """Further names under which it is reached, such as one inside the network. RAPP_HOSTS, with commas."""
    trusted_proxies: str = "127.0.0.1"
    """Whose X-Forwarded-For is believed: addresses, networks, with commas; "": none. RAPP_TRUSTED_PROXIES."""
    workers: int = 1
    demo: bool = False
    """Invented people, and a sign-in that asks for no proof of identity. RAPP_DEMO=1."""
    certificate_days: int = 30
    """How long a person's key on a phone is vouched for. RAPP_CERTIFICATE_DAYS."""
    sign_in_days: int = 90
    """For how long after a sign-in that certificate is renewed without a new one. RAPP_SIGN_IN_DAYS."""
    device_key_days: int = 365
    """How old a phone's own key, and a key of what it holds, may become before a newer one is used.
    RAPP_DEVICE_KEY_DAYS."""
    anchors: AnchorFile = AnchorFile()
    """The authorities by which phones are to know this endpoint's certificate. RAPP_TLS_ANCHORS."""
    openid: OpenId | None = None
    """The identity provider that people sign in with. RAPP_OIDC_..."""
    channels: Channels = Channels()
    """How the watch reaches whoever is on call. RAPP_SMS_..., RAPP_MAIL_..., RAPP_WEBHOOK_..."""
    metrics_token_file: str = ""
    """File with the token for /metrics; "": it tells nobody. RAPP_METRICS_TOKEN_FILE."""
    contact: str = ""
    """Whom to ask when a sign-in finds nobody, such as a name and a phone number. RAPP_CONTACT."""

    def __repr__(self) -> str:
        # The database's address may hold a password.
        return f"Settings({self.data})"

    log_names: bool = False
    """Whether a person who asks who has read their record is told staff's names too. RAPP_LOG_NAMES=1."""
    keep: str = ""
    """The terms that have been decided on (endpoint/keeping/terms.py); "": nobody has. RAPP_KEEP."""
    scheduler: bool = False
    """Whether workers do by themselves what is due (endpoint/jobs.py). RAPP_SCHEDULER: on, unless it is 0."""

    @property
    def base_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether cookies are for https alone."""
        return self.base_url.startswith("https:")

    @property
    def database(self) -> str:
        """The database's address as SQLAlchemy writes it."""
        if not self.database_url:
            return f"sqlite:///{self.data / 'endpoint.sqlite'}"
        scheme, rest = self.database_url.split("://", 1)
        return f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else self.database_url

    @property
    def key_file(self) -> Path:
        return self.data / "endpoint.keys"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that the environment gives. Raises SettingError."""
    return Settings(
        data=Path(environment.get("RAPP_DATA", "data")),
        database_url=environment.get("DATABASE_URL") or None,
        host=environment.get("RAPP_HOST", "127.0.0.1"),
        port=_number(environment, "RAPP_PORT", 8710),
        public_url=(environment.get("RAPP_PUBLIC_URL") or "").rstrip("/") or None,
        hosts=tuple(environment.get("RAPP_HOSTS", "").lower().replace(",", " ").split()),
        trusted_proxies=environment.get("RAPP_TRUSTED_PROXIES", "127.0.0.1"),
        workers=_number(environment, "RAPP_WORKERS", 1),
        demo=environment.get("RAPP_DEMO") == "1",
        certificate_days=_number(environment, "RAPP_CERTIFICATE_DAYS", 30),
        sign_in_days=_number(environment, "RAPP_SIGN_IN_DAYS", 90),
        device_key_days=_number(environment, "RAPP_DEVICE_KEY_DAYS", 365),
        anchors=anchors.from_environment(environment),
        openid=openid_settings.from_environment(environment),
        channels=watch.from_environment(environment),
        contact=environment.get("RAPP_CONTACT", ""),
        metrics_token_file=_secret_file(environment, "RAPP_METRICS_TOKEN_FILE"),
        log_names=environment.get("RAPP_LOG_NAMES") == "1",
        keep=_terms(environment.get(terms.SETTING, "")),
        scheduler=environment.get("RAPP_SCHEDULER") != "0",
    )


def to_environment(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a worker process. Inverse of `from_environment`."""
    return {
        "RAPP_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url or "",
        "RAPP_HOST": settings.host,
        "RAPP_PORT": str(settings.port),
        "RAPP_PUBLIC_URL": settings.public_url or "",
        "RAPP_HOSTS": ",".join(settings.hosts),
        "RAPP_TRUSTED_PROXIES": settings.trusted_proxies,
        "RAPP_WORKERS": str(settings.workers),
        "RAPP_DEMO": "1" if settings.demo else "",
        "RAPP_CERTIFICATE_DAYS": str(settings.certificate_days),
        "RAPP_SIGN_IN_DAYS": str(settings.sign_in_days),
        "RAPP_DEVICE_KEY_DAYS": str(settings.device_key_days),
        anchors.SETTING: settings.anchors.file,
        "RAPP_CONTACT": settings.contact,
        "RAPP_METRICS_TOKEN_FILE": settings.metrics_token_file,
        "RAPP_LOG_NAMES": "1" if settings.log_names else "",
        terms.SETTING: settings.keep,
        "RAPP_SCHEDULER": "1" if settings.scheduler else "0",
        **watch.to_environment(settings.channels),
        **openid_settings.to_environment(settings.openid),
    }


def overridden(settings: Settings, **given: object) -> Settings:
    """The settings with what was given on the command line; None leaves a value as it was."""
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _secret_file(environment: Mapping[str, str], name: str) -> str:
    file = environment.get(name, "").strip()
    watch.secret(file, name)
    return file


def _terms(text: str) -> str:
    terms.keep(text)
    return text.strip()


def _number(environment: Mapping[str, str], name: str, otherwise: int, least: int = 1) -> int:
    text = environment.get(name) or str(otherwise)
    if not text.isdecimal() or int(text) < least:
        raise SettingError(name, f"must be a whole number from {least}")
    return int(text)
