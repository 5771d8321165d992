"""Whether a visitor tells about somebody's health, so that the assistant can say kindly that it need not be known."""

from __future__ import annotations

import re

_CONDITIONS = (
    r"pregnan\w*|breast ?feeding|nursing (?:a|my)|postpartum|menopaus\w*|perimenopaus\w*|diabet\w*|insulin|metformin"
    r"|epilep\w*|seizures?|cancer|chemo\w*|tumou?r|pacemaker|implants?"
    r"|defibrillator|blood (?:thinners?|clots?|pressure|disorder)|warfarin|coumadin|eliquis|xarelto|plavix|aspirin"
    r"|anticoagulants?"
    r"|h(?:ae|e)mophilia\w*|bleeding disorder|hiv|hepatitis|lupus|multiple sclerosis|parkinson\w*|arthritis|rheumatoid"
    r"|fibromyalgia|fibro|asthma\w*|copd"
    r"|puffer|inhaler|epi ?pen|allerg\w*|eczema|psoriasis|rosacea|cellulitis|shingles|cold sores?|herpes|strokes?"
    r"|heart (?:attack|condition|surgery|disease"
    r"|problem|trouble|murmur)|afib|depress\w*|anxiety|bipolar|adhd|ptsd|autis\w*|dementia|alzheimer\w*|self[- ]?(?:harm"
    r"|inflicted)\w*|overdose\w*|suicid\w*"
    r"|eating disorder|anorexi\w*|bulimi\w*|addict\w*|antibiotics?|antidepressants?|accutane|isotretinoin|prednisone"
    r"|methotrexate|steroids?|levothyroxine"
    r"|thyroid|hypothyroid\w*|statins?|medications?|meds|prescriptions?|pills|diagnos\w*|surger(?:y|ies)|operated on"
    r"|hysterectomy|mastectomy|transplant\w*"
    r"|bell'?s palsy|palsy|concussion|migraines?|headaches?|sciatica|scoliosis|herniated|pneumonia|collapsed lung"
    r"|lymphedema|edema|infect\w*|celiac|crohn\w*"
    r"|kidney|liver (?:disease|problem)\w*|dialysis|anaemi\w*|anemi\w*|immun\w*|chronic (?:pain|fatigue|illness|condition)"
    r"|disabled|disability|wheelchair"
    r"|paraly[sz]\w*|tremor|faint(?:ed|ing)|dizzy|dizziness|numb(?:ness)?|nausea|fever|swollen|swelling|rash|bleeding"
    r"|in pain|back pain|neck pain"
    r"|(?:head|neck|back|shoulder|knee|hip|arm|leg|foot|feet|jaw|face) (?:hurts?|aches?|is killing|is sore|are sore)"
    r"|sore (?:back|neck|shoulder|knee|hip)"
    r"|stiff (?:back|neck|shoulder|knee|hip)|hurts|symptoms?|miscarriage|ivf|health (?:condition|issue|problem)s?"
    r"|doctor said|metal plate|meningitis|deaf|blind in|hospitali[sz]ed|in (?:the )?hospital|hormones?|ozempic|smoker"
    r"|smoking|bruise easily"
)
_HEALTH = re.compile(rf"\b(?:{_CONDITIONS})(?!\w)", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:no|not|never(?: had| been)?|without|nothing|nor|zero|isn'?t|aren'?t|don'?t (?:have|take|use)|do not (?:have"
    r"|take|use)"
    r"|doesn'?t (?:have|take)|none of)"
    r"(?: (?:any|other|a|an|on|known|current|major|serious|and|or|\w+ or)){0,3} $",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^.!?;\n]+[.!?;\n]*")
_OWN = re.compile(
    r"\b(?:i|i'm|im|i've|ive|i'd|my|me|mine|myself|she|she's|shes|he|he's|hes|his|her|husband|wife|partner|we|our"
    r"|mom|mum|dad|mother|father|sister|brother|daughter|son|kid|child)(?!\w)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:(?:and|but|so|ok|hi|hello|also|then)\W+)*(?:what|how|why|when|where|which|who|is|are|does|do|can|could|will"
    r"|would|should|did|has|have)\b",
    re.IGNORECASE,
)
_SCAR_OF = re.compile(
    r"\b(?:scars?|stretch ?marks?|marks?)\b[^.!?;\n]{0,40}?\b(?:from|of|after|since|by|to|due)\b[^.!?;\n]{0,30}"
    r"|\b(?:surg\w*|operation|c-?section|heart surgery|thyroid|transplant|mastectomy|hysterectomy|pregnancy"
    r"|burn) (?:scars?|stretch ?marks?|marks?)\b",
    re.IGNORECASE,
)
_CRAVING = re.compile(
    r"\bneedle ?less|symptom free|numb(?:ing)? cream|painless|bleeding edge|hair transplant", re.IGNORECASE
)


def tells_health(text: str) -> bool:
    """Does a text tell about a condition, medicine, pregnancy or symptom of somebody?

    A general question ("is it safe in pregnancy?"), a denial ("no allergies") and where a scar comes from are not meant.

    Args:
        text: folded, see `bot.handoff.typed_text.fold`.
    """
    return any(_clause_tells(match.group()) for match in _CLAUSE.finditer(text))


def _clause_tells(clause: str) -> bool:
    if (clause.rstrip().endswith("?") or _QUESTION.match(clause)) and not _OWN.search(clause):
        return False
    clause = _SCAR_OF.sub(" ", _CRAVING.sub(" ", clause))
    return any(not _NEGATED.search(clause[max(0, match.start() - 40) : match.start()]) for match in _HEALTH.finditer(clause))
