"""Seals contact details, and marks them: a mark can be looked up but not read. Which key does what: docs/privacy.md."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Optional, Sequence

import phonenumbers
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from email_validator import EmailNotValidError, validate_email

from bot.errors import AssistantError
from bot.kept_secrets import kept_secret, secret_key
from bot.settings import Settings, settings

COUNTRY = "CA"
"""Whose phone numbers are written without a country code."""
_MARKS = b"dry-needling-assistant marks 1"


class KeyProblem(AssistantError):
    """A key is missing, wrong, or does not open what is stored; the message holds neither a key nor content."""


class NotAContact(AssistantError):
    """A text is neither a phone number nor an email address; the message does not repeat it."""


class Vault:
    """Seals texts with the newest of several Fernet keys and opens them with any; marks with a key of its own."""

    def __init__(self, keys: Sequence[str], secret: str) -> None:
        """Takes the keys, the newest first, and the secret that the key of the marks is derived from.

        Raises:
            KeyProblem: there is no key, or one is not 32 bytes in URL-safe base64.
        """
        if not keys:
            raise KeyProblem("ENCRYPTION_KEYS: holds no key; make one with `python -m bot privacy new-key`.")
        fernets = [_fernet(number, key) for number, key in enumerate(keys, start=1)]
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)
        self._mark_key = HKDF(SHA256(), length=32, salt=None, info=_MARKS).derive(secret.encode())

    def seal(self, text: str) -> str:
        """Returns a text encrypted and authenticated; the same text twice gives two different results."""
        return self._newest.encrypt(_bytes(text)).decode("ascii")

    def open(self, sealed: str) -> str:
        """Returns the text of a seal.

        Raises:
            KeyProblem: none of the keys made it, or it was changed.
        """
        try:
            return self._all.decrypt(_bytes(sealed)).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise KeyProblem(
                "ENCRYPTION_KEYS: no key opens what is stored. Put the older key back behind the newest one, separated by a "
                "comma, and run `python -m bot privacy rotate` before it is removed."
            ) from None

    def is_newest(self, sealed: str) -> bool:
        """Was this sealed with the newest key?"""
        try:
            self._newest.decrypt(_bytes(sealed))
        except InvalidToken:
            return False
        return True

    def mark(self, text: str) -> str:
        """Returns the keyed hash of a text (HMAC-SHA-256, 64 hexadecimal digits): equal for equal texts, not reversible."""
        return hmac.new(self._mark_key, _bytes(text), hashlib.sha256).hexdigest()

    def contact_mark(self, contact: str) -> str:
        """Returns the mark of a phone number or email address, the same however it is spelt.

        Raises:
            NotAContact: it is neither.
        """
        return self.mark(normal_contact(contact))


def contact_mark(contact: str) -> str:
    """Returns the mark of a contact with the keys of this process; see `Vault.contact_mark`."""
    return vault().contact_mark(contact)


def normal_contact(contact: str) -> str:
    """Returns the one spelling of a contact: `+17805550143`, or an email address in small letters.

    Raises:
        NotAContact: it is neither a possible phone number nor an email address.
    """
    found = _email(contact.strip()) if "@" in contact else _phone(contact)
    if found is None:
        raise NotAContact("This is neither a phone number nor an email address.")
    return found


@lru_cache(maxsize=1)
def vault() -> Vault:
    """Returns the vault of this process.

    Raises:
        KeyProblem: a key is wrong, in production also when ENCRYPTION_KEYS or SECRET_KEY is not set.
    """
    return vault_of(settings())


def vault_of(configured: Settings) -> Vault:
    """Returns a vault by settings; the demo makes its own keys in the data folder.

    Raises:
        KeyProblem: see `vault`.
    """
    if configured.environment == "production":
        _need("ENCRYPTION_KEYS", configured.encryption_keys, "python -m bot privacy new-key")
        _need("SECRET_KEY", configured.secret_key, "openssl rand -hex 32")
    path = configured.data_folder / "encryption_key"
    try:
        keys = configured.encryption_keys or kept_secret(path, lambda: Fernet.generate_key().decode("ascii"))
        secret = secret_key(configured.secret_key, configured.data_folder)
    except OSError as error:
        raise KeyProblem(f"DATA_FOLDER: the keys in it cannot be read ({type(error).__name__}).") from error
    return Vault([key.strip() for key in keys.split(",") if key.strip()], secret)


def _need(name: str, value: Optional[str], command: str) -> None:
    if not value:
        raise KeyProblem(f"{name}: must be set in production; `{command}` makes one.")


def _fernet(number: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise KeyProblem(
            f"ENCRYPTION_KEYS: key {number} is not one that `python -m bot privacy new-key` makes (32 bytes in base64)."
        ) from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _email(contact: str) -> Optional[str]:
    try:
        return validate_email(contact, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _phone(contact: str) -> Optional[str]:
    try:
        number = phonenumbers.parse(contact, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
