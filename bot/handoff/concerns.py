"""What an enquiry can be about: one vocabulary for visitors' enquiries and providers' services."""

from __future__ import annotations

from typing import Literal, Tuple, get_args

Concern = Literal["wrinkles", "scars", "jaw", "skin_tone", "general"]
CONCERNS: Tuple[str, ...] = get_args(Concern)
