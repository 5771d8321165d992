"""Email addresses in what a visitor types, also spelled out ("dana (at) example dot com"). Nothing is looked up."""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Optional

from email_validator import EmailNotValidError, validate_email

from bot.handoff.typed_text import word_set

LOCAL_LONGEST, DOMAIN_LONGEST = 90, 260
"""Characters that are looked at before and after the sign; more than an address may have."""
MISTYPED_ENDINGS = word_set("con cmo ocm comm cim vom xom coom conm cpm c0m nte")
MISTYPED_DOMAINS = word_set(
    "gmial.com gmai.com gmal.com gamil.com gnail.com gmaill.com gmail.co gmil.com gmail.cm hotmial.com hotmal.com"
    " hotmai.com hotnail.com hotmail.co hotmil.com yaho.com yahooo.com yahho.com yhoo.com outlok.com outloo.com outlook.co"
    " oulook.com iclod.com icloud.co iclould.com telus.ne shaw.co"
)

_ENDINGS = "com|ca|net|org|co|edu|info|me|io|fr|uk|us|email"
_DOT = r" ?[(\[] ?(?:dot|\.) ?[)\]] ?| dot "
_LOCAL = re.compile(rf"(?P<local>(?:[\w.+-]+(?:{_DOT}))*[^\s@<>()\[\]{{}},;:\"|=]+)(?P<gap> {{0,2}})$", re.IGNORECASE)
_DOMAIN = re.compile(rf" {{0,2}}(?P<domain>[\w-]+(?: ?[.,] ?(?:{_ENDINGS})\b(?!\.)|(?:\.[\w-]+)*))")
_STRAY = "'*!#/&+=._-~\\`"
_SAFE_LOCAL = re.compile(r"[\w.+&'-]+", re.ASCII)
_AT = re.compile(r" ?[(\[{<] ?at ?[)\]}>] ?| [-_]at[-_] | at ", re.IGNORECASE)
_SPOKEN_LOCAL = re.compile(
    rf"(?<![\w.@+-])(?P<local>[a-z0-9][\w.+-]*(?:(?:{_DOT}| (?:underscore|dash|hyphen|plus) )[\w+-]+){{0,4}})$",
    re.IGNORECASE,
)
_SPOKEN_DOMAIN = re.compile(
    rf"(?P<domain>[a-z0-9-]+(?:(?:{_DOT}|\.|,(?=(?:{_ENDINGS})\b))[a-z0-9-]+){{1,4}})", re.IGNORECASE
)
_SPOKEN_ENDING = re.compile(rf"\.(?:{_ENDINGS})$", re.IGNORECASE)
_SIGNS = ((_DOT, "."), (" underscore ", "_"), (" (?:dash|hyphen) ", "-"), (" plus ", "+"), (",", "."))
_ABOUT_EMAIL = re.compile(r"e-?mail|\bmail\b|gmail|hotmail", re.IGNORECASE)
_NOT_LOCAL = word_set(
    "me us you him her them is it its be am are was look looks looking work works working site website online page there"
    " here reach located live lives meet available email mail mailed address found this that one and or us back only not"
)


class FoundEmail(NamedTuple):
    """An address, or what was meant as one, and where it stands."""

    start: int
    end: int
    address: Optional[str]
    """In small letters; None when it cannot be used."""
    problem: Optional[str] = None
    """syntax or mistyped (a well-known domain with a slip)."""


def find_emails(text: str, asked: bool) -> List[FoundEmail]:
    """Returns the addresses in a folded text, in order.

    Args:
        text: see `bot.handoff.typed_text.fold`.
        asked: the visitor was just asked for an address, so that "@dana" counts as a try.
    """
    written = list(_written(text, asked))
    spoken = [
        one for one in _spoken(text, asked) if not any(one.start < other.end and other.start < one.end for other in written)
    ]
    return sorted(written + spoken)


def _written(text: str, asked: bool) -> Iterator[FoundEmail]:
    at = text.find("@")
    while at >= 0:
        found = _around(text, at, asked)
        if found:
            yield found
        at = text.find("@", at + 1 if not found else max(at + 1, found.end))


def _around(text: str, at: int, asked: bool) -> Optional[FoundEmail]:
    before = _LOCAL.search(text[max(0, at - LOCAL_LONGEST) : at])
    after = _DOMAIN.match(text, at + 1, at + 1 + DOMAIN_LONGEST)
    typed_local = before.group("local") if before else ""
    typed_domain = after.group("domain") if after else ""
    local = re.sub(_DOT, ".", typed_local, flags=re.IGNORECASE).lstrip(_STRAY)
    domain = re.sub(r" ?[.,] ?", ".", typed_domain).rstrip("._-")
    is_apart = bool(before and before.group("gap")) or text[at + 1 : at + 2] == " "
    if is_apart and not (
        "." in domain and local and local.lower() not in _NOT_LOCAL and re.search(r"\.[a-z]{2,}$", domain, re.I)
    ):
        return _try_without_domain(text, at, local, before is not None and not before.group("gap"))
    if not is_apart and not asked and (not local or (local.isdigit() and not re.search(r"[a-z]", domain, re.I))):
        return None
    start = at - len(before.group("gap")) - len(typed_local.lstrip(_STRAY)) if before else at
    end = after.start("domain") + len(typed_domain.rstrip("._-,")) if after else at + 1
    return _checked(start, max(end, at + 1), f"{local}@{domain}")


def _try_without_domain(text: str, at: int, local: str, is_attached: bool) -> Optional[FoundEmail]:
    """ "dana@ is my address" is a try, "see you @ five" is none."""
    if is_attached and local and not local.isdigit():
        return FoundEmail(at - len(local), at + 1, None, "syntax")
    return None


def _checked(start: int, end: int, address: str) -> FoundEmail:
    local, _, domain = address.lower().rpartition("@")
    if domain in MISTYPED_DOMAINS or domain.rpartition(".")[2] in MISTYPED_ENDINGS:
        return FoundEmail(start, end, None, "mistyped")
    try:
        checked = validate_email(f"{local}@{domain}", check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return FoundEmail(start, end, None, "syntax")
    if not _SAFE_LOCAL.fullmatch(local) or len(local) > 64:
        return FoundEmail(start, end, None, "syntax")
    return FoundEmail(start, end, (checked.ascii_email or checked.normalized).lower())


def _spoken(text: str, asked: bool) -> Iterator[FoundEmail]:
    hinted = asked or bool(_ABOUT_EMAIL.search(text))
    for at in _AT.finditer(text):
        local = _SPOKEN_LOCAL.search(text[max(0, at.start() - LOCAL_LONGEST) : at.start()])
        domain = _SPOKEN_DOMAIN.match(text, at.end(), at.end() + DOMAIN_LONGEST)
        if not local or not domain or local.group("local").lower() in _NOT_LOCAL:
            continue
        address = f"{local.group('local')}@{domain.group('domain')}"
        is_marked = at.group().strip(" ").lower() != "at" or " dot " in address.lower()
        for pattern, sign in _SIGNS:
            address = re.sub(pattern, sign, address, flags=re.IGNORECASE)
        if (hinted or is_marked) and (is_marked or _SPOKEN_ENDING.search(address)):
            yield _checked(at.start() - len(local.group("local")), domain.end(), address)
