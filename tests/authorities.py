"""Certificate authorities for tests, and the certificates that they issue for 127.0.0.1."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """An authority, its own or below another. `starts` and `ends`: days from now."""

    def __init__(
        self,
        name: str,
        above: "Authority | None" = None,
        starts: float = -1,
        ends: float = 365,
        ca: bool = True,
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.above = above
        issuer = above or self
        self.certificate = _signed(issuer, self.name, self.key.public_key(), starts, ends, ca)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, folder: Path, host: str = "127.0.0.1", ends: float = 30) -> Path:
        """A file with a certificate of that address, those above it but the root, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = _signed(self, name, key.public_key(), -1, ends, False, host)
        chain, one = [certificate.public_bytes(Encoding.PEM)], self
        while one.above:
            chain.append(one.pem)
            one = one.above
        return _file(folder, chain, key)

    def as_server(self, folder: Path) -> Path:
        """A file with the authority's own certificate and key: an endpoint that is signed by itself."""
        return _file(folder, [self.pem], self.key)


def _file(folder: Path, chain: list[bytes], key: ec.EllipticCurvePrivateKey) -> Path:
    path = folder / f"{x509.random_serial_number():x}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(b"".join(chain) + private)
    return path


def _signed(
    by: Authority,
    name: x509.Name,
    public: ec.EllipticCurvePublicKey,
    starts: float,
    ends: float,
    ca: bool,
    host: str = "127.0.0.1",
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(by.name, name, public, x509.random_serial_number())
        .not_valid_before(now + starts * DAY)
        .not_valid_after(now + ends * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), False)
        .sign(by.key, SHA256())
    )
