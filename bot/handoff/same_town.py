"""Whether two people mean the same town."""

from __future__ import annotations

import re
import unicodedata
from typing import Tuple

PROVINCES = {
    "alberta": "ab",
    "british columbia": "bc",
    "manitoba": "mb",
    "new brunswick": "nb",
    "newfoundland and labrador": "nl",
    "northwest territories": "nt",
    "nova scotia": "ns",
    "nunavut": "nu",
    "ontario": "on",
    "prince edward island": "pe",
    "quebec": "qc",
    "saskatchewan": "sk",
    "yukon": "yt",
}
_ENDS = "|".join((*PROVINCES, *PROVINCES.values()))
_PROVINCE = re.compile(rf"^(?P<town>.+) (?P<province>{_ENDS})$")
_BEFORE = re.compile(r"^(?:the )?(?:city|town|village|hamlet|county|county and city) of ")


def town_and_province(text: str) -> Tuple[str, str]:
    """Returns a town in one spelling, and the two letters of its province, empty if it is not said.

    `Grande Prairie, AB`, `grande prairie alberta` and `City of Grande-Prairie` are the same town.
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    words = " ".join(re.sub(r"[^\w]+", " ", re.sub(r"['’.]", "", bare)).split())
    words = _BEFORE.sub("", words).removesuffix(" canada")
    found = _PROVINCE.match(words)
    if found is None:
        return _saint(words), ""
    return _saint(found["town"]), PROVINCES.get(found["province"], found["province"])


def same_town(one: str, other: str) -> bool:
    """Do the two name the same town? A province that only one of them says does not matter; an empty town is no town."""
    (town, province), (another, elsewhere) = town_and_province(one), town_and_province(other)
    return bool(town) and town == another and (not province or not elsewhere or province == elsewhere)


def _saint(town: str) -> str:
    return re.sub(r"^(saint|st)\b", "st", town)
