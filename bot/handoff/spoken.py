"""Contact details as people write them."""

from __future__ import annotations

import phonenumbers


def spoken_contact(contact: str) -> str:
    """Returns a phone number as it is written in Canada (780-555-0143), or an address unchanged.

    Args:
        contact: a number in E.164, or an email address.
    """
    if "@" in contact:
        return contact
    number = phonenumbers.parse(contact, "CA")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return written.replace("(", "").replace(") ", "-")
