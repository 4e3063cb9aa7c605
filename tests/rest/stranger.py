"""A line that speaks TLS with a certificate that nobody vouches for."""

from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.rest.line import Line


class Stranger(Line):
    """Hears nothing of whoever checks certificates."""

    def __init__(self, folder: Path) -> None:
        super().__init__(b"")
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(_self_signed(folder / "stranger.pem"))

    @property
    def url(self) -> str:
        return super().url.replace("http:", "https:")

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with (
            suppress(ssl.SSLError),
            self._tls.wrap_socket(connection, server_side=True) as secured,
        ):
            self.received = secured.recv(65536)


def _self_signed(path: Path) -> Path:
    """Write key and certificate of 127.0.0.1 into one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return path
