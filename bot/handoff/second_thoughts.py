"""Where somebody changes their mind while typing: "Grimshaw, wait no, we moved, it's Fairview now"."""

from __future__ import annotations

import re
from typing import Optional

_TURNS = re.compile(
    r"\b(?:no,? wait|wait,? no|oh wait|no,? hang on|hang on|no,? hold on|no,? actually|actually,? no|scratch that|correction"
    r"|on second thoughts?|i mean|i meant|no,? sorry|sorry,? no|that'?s (?:my|me|the|her|his) old (?:one|number|address)"
    r"|(?:just |please )?(?:write|put|use) (?:down )?)\b[\s,.:!…-]*",
    re.IGNORECASE,
)


def second_thought(text: str) -> Optional[str]:
    """Returns what somebody says after the last turn of mind in a text, or None when there is none.

    Args:
        text: of any form.
    """
    turns = list(_TURNS.finditer(text))
    later = text[turns[-1].end() :] if turns and turns[-1].start() else ""
    return later if later.strip() else None
