"""Application ids and fingerprints, derived with a secret.

The same client and idempotency key always give the same application id, without a look-up, and
nobody can guess an id without the secret.
"""

import hmac
from hashlib import blake2b
from typing import Final

_VARIANTS: Final = "89ab"  # the bits 10, then two bits of the digest


class Identity:
    """Derives ids and fingerprints. Changing the secret changes every id."""

    def __init__(self, secret: str) -> None:
        self._id_key = _derived_key(secret, b"application-id")
        self._request_key = _derived_key(secret, b"request")
        self._fingerprint_key = _derived_key(secret, b"fingerprint")

    def application_id(self, client_id: str, idempotency_key: str) -> str:
        """Derive the application's id: a UUID of version 8 (RFC 9562, vendor-specific)."""
        # No key contains a NUL, so different pairs never give the same text.
        digest = hmac.digest(self._id_key, f"{client_id}\0{idempotency_key}".encode(), "sha256")
        text = digest.hex()
        variant = _VARIANTS[digest[8] >> 4 & 3]
        return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"

    def request(self, client_id: str, idempotency_key: str) -> bytes:
        """Derive the identity of a change request, by which its repeats are recognised."""
        return hmac.digest(self._request_key, f"{client_id}\0{idempotency_key}".encode(), "sha256")

    def fingerprint(self, body: bytes) -> bytes:
        """Derive a fingerprint of a body that does not reveal it: bodies have personal data."""
        return blake2b(body, key=self._fingerprint_key, digest_size=32).digest()


def _derived_key(secret: str, purpose: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose, "sha256")
