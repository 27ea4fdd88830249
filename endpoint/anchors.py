"""The authorities by which phones are to know this endpoint's certificate: from a file, and stated signed.

A phone that has been told of them believes no other (docs/security.md, Anchors). Without the setting it
believes those that its system does.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import Struct

from endpoint.errors import SettingError
from endpoint.keys import Keys
from wire.anchors import MOST, Anchors, AnchorsSigned, digest, is_certificate, signed

SETTING = "RAPP_TLS_ANCHORS"
WARN = timedelta(days=60)
"""So long before an anchor ends it is said."""


class AnchorFile(Struct, frozen=True):
    """The file, and the certificates (DER) that stood in it. "": phones trust their system."""

    file: str = ""
    certificates: tuple[bytes, ...] = ()

    @property
    def name(self) -> str:
        """What phones compare: other anchors, another name."""
        return digest(self.certificates)


def from_environment(environment: Mapping[str, str]) -> AnchorFile:
    """The anchors that the environment names. Raises SettingError."""
    file = environment.get(SETTING, "").strip()
    return AnchorFile(file, _read(Path(file))) if file else AnchorFile()


def state(held: AnchorFile, keys: Keys, nonce: str) -> AnchorsSigned:
    """What the endpoint is known by, signed for whoever asked with this nonce."""
    anchors = Anchors(nonce=nonce, seal_public=keys.seal_public, certificates=held.certificates)
    return signed(anchors, keys.sign_private)


def described(held: AnchorFile) -> list[str]:
    """Of each anchor: its SHA-256, when it ends, and whom it names."""
    lines = []
    for one in _loaded(held.certificates):
        ends = f"{one.not_valid_after_utc:%Y-%m-%d}"
        lines.append(f"{one.fingerprint(SHA256()).hex()}  until {ends}  {one.subject.rfc4514_string()}")
    return lines


def first_end(held: AnchorFile) -> datetime | None:
    """When the first of the anchors ends; None: there are none."""
    return min((one.not_valid_after_utc for one in _loaded(held.certificates)), default=None)


def ending(held: AnchorFile, now: datetime) -> list[str]:
    """A sentence for each anchor that has ended, or will within `WARN`."""
    found = []
    for one in _loaded(held.certificates):
        end = one.not_valid_after_utc
        if end <= now + WARN:
            what = "has ended" if end <= now else "ends"
            found.append(f"{SETTING}: {one.subject.rfc4514_string()} {what} {end.astimezone(UTC):%Y-%m-%d}")
    return found


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        text = path.read_bytes()
        found = x509.load_pem_x509_certificates(text)
    except OSError as error:
        raise SettingError(SETTING, f"{path} cannot be read") from error
    except ValueError as error:
        raise SettingError(SETTING, f"{path} has no certificates in PEM") from error
    if b"PRIVATE KEY-----" in text:
        raise SettingError(SETTING, f"{path} holds a private key: it is to hold certificates alone")
    if len(found) > MOST:
        raise SettingError(SETTING, f"{path} has {len(found)} certificates: at most {MOST}")
    for one in found:
        _check(path, one)
    return tuple(dict.fromkeys(_der(one) for one in found))


def _check(path: Path, one: x509.Certificate) -> None:
    """A certificate of a server, which is renewed every few weeks, would leave each phone without a line."""
    name = one.subject.rfc4514_string()
    if not (_is_authority(one) or _is_self_signed(one)):
        reason = f"{path}: {name} is neither an authority's certificate nor self-signed"
        raise SettingError(SETTING, reason)
    if not is_certificate(_der(one)):
        raise SettingError(SETTING, f"{path}: OpenSSL cannot read {name}")


def _is_authority(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _is_self_signed(one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(one)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _der(one: x509.Certificate) -> bytes:
    return one.public_bytes(Encoding.DER)


def _loaded(certificates: Sequence[bytes]) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(one) for one in certificates]
