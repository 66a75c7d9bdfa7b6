"""Encryption of single values and the keyed index that lets an exact value be found again."""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_ID = "k1"


@lru_cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(hashlib.sha256(secret.encode()).digest())


def seal(text: str, bound_to: str) -> str:
    """Encrypt ``text``; it opens only with the same ``bound_to`` (model, field and row)."""
    nonce = os.urandom(12)
    sealed = _cipher(settings.FIELD_KEY).encrypt(nonce, text.encode(), bound_to.encode())
    return f"{KEY_ID}:{base64.b64encode(nonce + sealed).decode()}"


def open_sealed(token: str, bound_to: str) -> str:
    """Decrypt; raises ``cryptography.exceptions.InvalidTag`` when the value was changed or moved to another row."""
    _, _, data = str(token).partition(":")
    raw = base64.b64decode(data)
    return _cipher(settings.FIELD_KEY).decrypt(raw[:12], raw[12:], bound_to.encode()).decode()


def index(text: str) -> str:
    """A keyed digest: a plain hash of an identity number would fall to a search of one county's possible values."""
    return hmac.new(settings.INDEX_KEY.encode(), text.upper().encode(), hashlib.sha256).hexdigest()
