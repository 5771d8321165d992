"""What an enquiry can be about: one vocabulary for visitors' enquiries and providers' services."""

from __future__ import annotations

from typing import Dict, Literal, Tuple, get_args

Concern = Literal["wrinkles", "scars", "jaw", "skin_tone", "general"]
CONCERNS: Tuple[str, ...] = get_args(Concern)
ASKED_ABOUT: Dict[str, Concern] = {
    "wrinkles": "wrinkles",
    "scars": "scars",
    "jaw_tmj": "jaw",
    "collagen_circulation": "skin_tone",
}
"""What bothers somebody who asks a question of that intent."""
