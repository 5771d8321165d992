"""The fields of a provider file, each checked by itself."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from pydantic import BaseModel, Extra, Field, validator

from bot.handoff.concerns import CONCERNS
from bot.handoff.languages import LANGUAGES, language_code
from bot.handoff.provider_reading.texts import (
    IsoDate,
    clean,
    in_vocabulary,
    listed,
    mail_address,
    register_address,
    web_hook,
)

PROFESSIONS = (
    "physiotherapist",
    "acupuncturist",
    "chiropractor",
    "dentist",
    "naturopathic doctor",
    "nurse practitioner",
    "physician",
    "registered nurse",
)
PERMITS = ("active", "inactive", "pending", "suspended", "cancelled", "expired")
CONTACT_BY = ("phone", "text", "email")
ROUTES = ("email", "webhook")
SHORTEST_SECRET = 16
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")


class ProviderRow(BaseModel):
    """One entry as a file gives it. A field that the file does not have is not in `__fields_set__`."""

    key: str
    legal_name: str = Field(..., min_length=2, max_length=120)
    practice: str = Field(..., min_length=2, max_length=120)
    profession: str
    regulator: str = Field(..., min_length=2, max_length=120)
    registration_number: str = Field(..., max_length=40)
    register_type: str = Field(..., max_length=60)
    permit_status: str
    permit_expires: IsoDate
    permit_conditions: str = Field("", max_length=1000)
    needle_authorisation: bool
    needle_authorisation_source: str = Field("", max_length=200)
    services: List[str]
    training_course: str = Field("", max_length=200)
    training_date: Optional[IsoDate] = None
    training_evidence: str = Field("", max_length=200)
    years_of_facial_needling: int = Field(0, ge=0, le=80)
    insurance_expires: IsoDate
    town: str = Field(..., min_length=2, max_length=80)
    languages: List[str]
    contact_by: List[str]
    register_link: str = Field(..., max_length=300)
    financial_relationship: str = Field("", max_length=300)
    consented_on: Optional[IsoDate] = None
    route: str
    address: str = Field(..., max_length=300)
    webhook_secret: str = Field("", max_length=200)
    verified_on: Optional[IsoDate] = None
    verified_by: str = Field("", max_length=80)
    next_check_due: Optional[IsoDate] = None
    sample: bool = False

    class Config:
        """A column that nobody knows is a mistake."""

        extra = Extra.forbid

    _split = validator("services", "languages", "contact_by", pre=True, allow_reuse=True)(listed)

    @validator("*", pre=True)
    def _clean(cls, value: Any, field: Any) -> Any:
        cleaned = clean(value, secret=field.name == "webhook_secret")
        if cleaned not in ("", []):
            return cleaned
        if field.required:
            raise ValueError("is empty")
        return field.get_default()

    @validator("key")
    def _key(cls, value: str) -> str:
        if not _KEY.fullmatch(value.lower()):
            raise ValueError(f"'{value}': two to 60 letters a to z, digits and hyphens are a key")
        return value.lower()

    @validator("profession", "permit_status", "route")
    def _word(cls, value: str, field: Any) -> str:
        return in_vocabulary(value, {"profession": PROFESSIONS, "permit_status": PERMITS, "route": ROUTES}[field.name])

    @validator("services", each_item=True)
    def _service(cls, value: str) -> str:
        return in_vocabulary(value.replace(" ", "_").replace("-", "_"), CONCERNS)

    @validator("contact_by", each_item=True)
    def _way(cls, value: str) -> str:
        return in_vocabulary(value, CONTACT_BY)

    @validator("languages", each_item=True)
    def _language(cls, value: str) -> str:
        return language_code(value) or in_vocabulary(value, tuple(LANGUAGES))

    @validator("services", "languages", "contact_by")
    def _once(cls, value: List[str]) -> List[str]:
        return list(dict.fromkeys(value))

    @validator("register_link")
    def _link(cls, value: str) -> str:
        return register_address(value)

    @validator("address")
    def _address(cls, value: str, values: Dict[str, Any]) -> str:
        checks = {"email": mail_address, "webhook": web_hook}
        return checks[values["route"]](value) if "route" in values else value

    @validator("webhook_secret")
    def _secret(cls, value: str, values: Dict[str, Any]) -> str:
        if value and values.get("route") == "email":
            raise ValueError("is for the route webhook only")
        if value and len(value) < SHORTEST_SECRET:
            raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
        return value


COLUMNS: Tuple[str, ...] = tuple(ProviderRow.__fields__)
REQUIRED: Tuple[str, ...] = tuple(name for name, field in ProviderRow.__fields__.items() if field.required)
