"""What is agreed with an OpenID Connect provider: RAPP_OIDC_... (docs/sign-in.md lists all)."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from endpoint.errors import SettingError

_PREFIX = "RAPP_OIDC_"
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures with a key pair. Never `none`, never a secret that both sides hold (RFC 8725 3.1)."""
ANY_LEVEL = "any"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Secret(Struct, frozen=True):
    """A secret that no log shows."""

    value: str

    def __repr__(self) -> str:
        return "Secret(...)"


class OpenId(Struct, frozen=True, kw_only=True):
    issuer: str
    """The provider's name for itself, exactly; `/.well-known/openid-configuration` is read below it."""
    client_id: str
    client_secret: Secret | None = None
    """For client_secret_basic."""
    client_secret_file: Path | None = None
    private_key_file: Path | None = None
    """For private_key_jwt: a PEM or JWK file with an RSA or EC key."""
    scopes: tuple[str, ...] = ("openid",)
    identity_claim: str
    """The claim that holds what the register of staff knows people by, such as employeeHsaId."""
    acr: tuple[str, ...]
    """Levels of assurance that are enough (claim acr). Empty: any, by the word `any` alone."""
    amr: tuple[str, ...] = ()
    """Ways of signing in of which at least one was used (claim amr). Empty: any."""
    required: tuple[str, ...] = ()
    """Claims that must be there, as ``name`` or ``name=value``; of a list, one value."""
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    skew: timedelta = timedelta(seconds=10)
    """How far the provider's clock may be from ours."""
    check: timedelta = timedelta(minutes=10)
    """How often the provider is asked whether a session's account still stands."""

    @property
    def secret(self) -> str:
        """The client's secret, read anew from its file at each use: it may be changed there."""
        if self.client_secret_file:
            return _read("CLIENT_SECRET_FILE", self.client_secret_file).strip()
        return self.client_secret.value if self.client_secret else ""


def from_environment(environment: Mapping[str, str]) -> OpenId | None:
    """The provider that the environment names; None: none. Raises SettingError."""
    given = {
        name.removeprefix(_PREFIX): value.strip()
        for name, value in environment.items()
        if name.startswith(_PREFIX) and value.strip()
    }
    if not given:
        return None
    for name in given.keys() - _NAMES:
        raise SettingError(f"{_PREFIX}{name}", "there is no such setting")
    for name in ("ISSUER", "CLIENT_ID", "IDENTITY_CLAIM", "ACR"):
        if name not in given:
            raise SettingError(f"{_PREFIX}{name}", "missing")
    levels = tuple(given["ACR"].split())
    made = OpenId(
        issuer=given["ISSUER"],
        client_id=given["CLIENT_ID"],
        client_secret=Secret(given["CLIENT_SECRET"]) if "CLIENT_SECRET" in given else None,
        client_secret_file=_path(given, "CLIENT_SECRET_FILE"),
        private_key_file=_path(given, "PRIVATE_KEY_FILE"),
        scopes=tuple(given.get("SCOPES", "openid").split()),
        identity_claim=given["IDENTITY_CLAIM"],
        acr=() if levels == (ANY_LEVEL,) else levels,
        amr=tuple(given.get("AMR", "").split()),
        required=tuple(given.get("REQUIRED_CLAIMS", "").split()),
        algorithms=tuple(given.get("ALGORITHMS", "RS256 PS256 ES256").split()),
        skew=timedelta(seconds=_number(given, "SKEW_SECONDS", 10, 0, 120)),
        check=timedelta(minutes=_number(given, "CHECK_MINUTES", 10, 1, 120)),
    )
    _check(made)
    return made


def to_environment(chosen: OpenId | None) -> dict[str, str]:
    """Inverse of `from_environment`: for a worker process."""
    if chosen is None:
        return {f"{_PREFIX}{name}": "" for name in sorted(_NAMES)}
    values = {
        "ISSUER": chosen.issuer,
        "CLIENT_ID": chosen.client_id,
        "CLIENT_SECRET": chosen.client_secret.value if chosen.client_secret else "",
        "CLIENT_SECRET_FILE": str(chosen.client_secret_file or ""),
        "PRIVATE_KEY_FILE": str(chosen.private_key_file or ""),
        "SCOPES": " ".join(chosen.scopes),
        "IDENTITY_CLAIM": chosen.identity_claim,
        "ACR": " ".join(chosen.acr) or ANY_LEVEL,
        "AMR": " ".join(chosen.amr),
        "REQUIRED_CLAIMS": " ".join(chosen.required),
        "ALGORITHMS": " ".join(chosen.algorithms),
        "SKEW_SECONDS": str(int(chosen.skew.total_seconds())),
        "CHECK_MINUTES": str(int(chosen.check.total_seconds() // 60)),
    }
    return {f"{_PREFIX}{name}": value for name, value in values.items()}


def safe(url: str) -> bool:
    """Whether an address may be asked: https, or this same machine in a test."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _check(chosen: OpenId) -> None:
    if not safe(chosen.issuer) or urlsplit(chosen.issuer).query or urlsplit(chosen.issuer).fragment:
        raise SettingError(f"{_PREFIX}ISSUER", "must be an https address without query and fragment")
    if "openid" not in chosen.scopes:
        raise SettingError(f"{_PREFIX}SCOPES", "must name openid")
    for name in set(chosen.algorithms) - ALGORITHMS:
        raise SettingError(f"{_PREFIX}ALGORITHMS", f"{name}: only {' '.join(sorted(ALGORITHMS))}")
    ways = [chosen.client_secret, chosen.client_secret_file, chosen.private_key_file]
    if len([way for way in ways if way is not None]) != 1:
        raise SettingError(
            f"{_PREFIX}CLIENT_SECRET", "give one of CLIENT_SECRET, CLIENT_SECRET_FILE and PRIVATE_KEY_FILE"
        )
    if chosen.client_secret_file and not chosen.secret:
        raise SettingError(f"{_PREFIX}CLIENT_SECRET_FILE", "the file is empty")
    if chosen.private_key_file:
        _read("PRIVATE_KEY_FILE", chosen.private_key_file)


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{_PREFIX}{name}", f"{path} cannot be read") from error


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if name in given else None


def _number(given: Mapping[str, str], name: str, otherwise: int, least: int, most: int) -> int:
    text = given.get(name, str(otherwise))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingError(f"{_PREFIX}{name}", f"must be a whole number from {least} to {most}")
    return int(text)


_NAMES = frozenset(
    {
        *("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_SECRET_FILE", "PRIVATE_KEY_FILE", "SCOPES"),
        *("IDENTITY_CLAIM", "ACR", "AMR", "REQUIRED_CLAIMS", "ALGORITHMS", "SKEW_SECONDS", "CHECK_MINUTES"),
    }
)
