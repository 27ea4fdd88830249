"""The ways by which the watch reaches whoever is on call, each on its own. docs/watch.md.

Secrets are in files, read anew at each use, so that they are exchanged without a restart.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from endpoint.errors import SettingError
from endpoint.identity.openid_settings import safe


class Channels(Struct, frozen=True):
    """Where messages are handed over. "": that way is not used."""

    sms_url: str = ""
    """Address of the SMS gateway."""
    sms_token_file: str = ""
    """File with the key that the gateway asks for."""
    mail_url: str = ""
    """smtp://user@host:587 (always with STARTTLS) or smtps://user@host:465."""
    mail_from: str = ""
    mail_password_file: str = ""
    webhook_url: str = ""
    """Address that is told of every notice."""
    webhook_secret_file: str = ""
    """File with the key that what is sent there is signed with."""


_SETTING = {name: f"RAPP_{name.upper()}" for name in Channels.__struct_fields__}
NAMES = tuple(_SETTING.values())


def from_environment(environment: Mapping[str, str]) -> Channels:
    """The ways that the environment gives. Raises SettingError."""
    made = Channels(**{name: environment.get(setting, "").strip() for name, setting in _SETTING.items()})
    for name in ("sms_url", "webhook_url"):
        if getattr(made, name) and not safe(getattr(made, name)):
            raise SettingError(_SETTING[name], "must be https")
    if made.mail_url:
        _check_mail(made)
    if made.webhook_url and not made.webhook_secret_file:
        raise SettingError(_SETTING["webhook_secret_file"], "missing: whoever is told must know by whom")
    for name in ("sms_token_file", "mail_password_file", "webhook_secret_file"):
        secret(getattr(made, name), _SETTING[name])
    return made


def to_environment(chosen: Channels) -> dict[str, str]:
    """Inverse of `from_environment`: for a worker process."""
    return {setting: getattr(chosen, name) for name, setting in _SETTING.items()}


def secret(file: str, setting: str = "") -> str:
    """What a file of a secret holds; "" where there is none. Raises SettingError."""
    if not file:
        return ""
    try:
        found = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(setting or file, f"{file} cannot be read") from error
    if not found:
        raise SettingError(setting or file, f"{file} is empty")
    return found


def _check_mail(made: Channels) -> None:
    parts = urlsplit(made.mail_url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.password:
        reason = "smtp://user@host:587 or smtps://user@host:465; the password in RAPP_MAIL_PASSWORD_FILE"
        raise SettingError(_SETTING["mail_url"], reason)
    if bool(parts.username) != bool(made.mail_password_file):
        raise SettingError(_SETTING["mail_password_file"], "goes with a user in RAPP_MAIL_URL")
    if "@" not in made.mail_from or any(one.isspace() for one in made.mail_from):
        raise SettingError(_SETTING["mail_from"], "the address that it comes from, such as rapp@example.se")
