"""Single values of a provider file: text, days, lists, links and addresses. What is wrong is raised as ValueError."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any, Callable, Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from email_validator import EmailNotValidError, validate_email

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+", re.IGNORECASE)
FORMULA = "=+-@"
"""What a spreadsheet takes for the start of a formula."""


class IsoDate(date):
    """A day written as 2027-03-31, and in no other way."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], date]]:
        """Tells pydantic how to read it."""
        yield cls.read

    @staticmethod
    def read(value: Any) -> date:
        """Returns the day.

        Raises:
            ValueError: it is written differently, or there is no such day.
        """
        try:
            if _DAY.fullmatch(str(value)):
                return date.fromisoformat(str(value))
        except ValueError:
            raise ValueError(f"'{value}' is no day of the calendar") from None
        raise ValueError(f"'{value}' is not a date: write it as 2027-03-31")


def clean(value: Any, secret: bool = False) -> Any:
    """Returns text in one line, trimmed and in one spelling of its characters; lists likewise.

    Args:
        value: text or a list of text; anything else is left to the next check.
        secret: any characters that can be seen are right.

    Raises:
        ValueError: it holds characters that cannot be seen, angle brackets, or begins like a formula of a spreadsheet.
    """
    if isinstance(value, list):
        return [clean(item) for item in value]
    if not isinstance(value, str):
        return value
    value = value.strip()
    if any(_unseen(sign) for sign in value):
        raise ValueError("holds characters that cannot be seen, or more than one line")
    if secret:
        return value
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if text and unicodedata.normalize("NFKC", text)[0] in FORMULA:
        raise ValueError(f"begins with '{text[0]}', which a spreadsheet takes for a formula")
    if "<" in text or ">" in text:
        raise ValueError("holds < or >")
    return text


def person(name: str) -> str:
    """Returns the name of a member of staff as it is recorded.

    Raises:
        ValueError: empty, too long, or not plain text; see `clean`.
    """
    cleaned = str(clean(name))
    if not 2 <= len(cleaned) <= 70:
        raise ValueError("should have 2 to 70 characters")
    return cleaned


def listed(value: Any) -> Any:
    """Returns the words of a cell such as `wrinkles; scars`; a list stays what it is."""
    if not isinstance(value, str):
        return value
    return [word.strip() for word in re.split(r"[;,|]", value) if word.strip()]


def in_vocabulary(value: str, words: Sequence[str]) -> str:
    """Returns a word in the spelling of the vocabulary.

    Raises:
        ValueError: it is not in it; the message lists what is.
    """
    if value.casefold() not in words:
        raise ValueError(f"'{value}' is not one of: {', '.join(words)}")
    return value.casefold()


def register_address(value: str) -> str:
    """Returns a link to a register.

    Raises:
        ValueError: it is not a plain https address of a website.
    """
    parts = _split(value)
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError("is not the address of a website")
    return value


def web_hook(value: str) -> str:
    """Returns the address of a webhook; plain http is for tests on this machine, 127.0.0.1.

    Raises:
        ValueError: it is neither https nor http://127.0.0.1.
    """
    parts = _split(value)
    if parts.scheme == "http" and parts.hostname == "127.0.0.1":
        return value
    return register_address(value)


def mail_address(value: str) -> str:
    """Returns an email address; its syntax alone is looked at, nothing is asked on the network.

    Raises:
        ValueError: it is none.
    """
    try:
        return validate_email(value, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"is not an email address: {error}") from None


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is not an address") from None
    if not _ADDRESS.fullmatch(value) or port == 0:
        raise ValueError("is not an address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    return parts


def _unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and sign != "\t"


