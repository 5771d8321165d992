"""How people name what bothers them, by concern."""

from __future__ import annotations

from typing import Dict, Tuple

from bot.handoff.typed_text import word_set

Patterns = Tuple[Tuple[str, str], ...]
"""A concern of `bot.handoff.concerns` and the pattern of the words for it, in small letters."""

CONDITIONS: Patterns = (
    (
        "scars",
        r"scar|scars|scarring|scarred|cicatri\w*|stretch ?mar\w*|striae|keloids?|pock ?marks?|pockmarked|ice ?pick|boxcar"
        r"|(?:acne|pimples?|pox|stitch\w*|chickenpox|splash|bite) (?:marks?|pits?|holes?)|pitted|(?:marks?|holes?) (?:from"
        r"|of|after) (?:\w+ )?(?:pimples?|acne|pox|surgery)|c section|surgery mark|burn marks?",
    ),
    (
        "wrinkles",
        r"wrinkl\w*|crinkles?|crow'?s?'? feet|crowfeet|(?:forehead|frown|smile|laugh|lip|lipstick|smoker'?s?|worry"
        r"|expression|fine|marionette|deep|neck|eye"
        r"|face|facial|mouth|aging|age|nasolabial|brow|glabella\w*) (?:lines?|creases?|folds?)"
        r"|(?:lines?|creases?|grooves?) (?:on|around|between|under|above|over|near|of|by|in|round|at) (?:(?:my|the|her"
        r"|his) )?(?:\w+ ){0,3}(?:face|forehead|eyes?|mouth|lips?"
        r"|brows?|eyebrows?|neck|nose)|(?:11|eleven|bunny) lines|11s|elevens"
        r"|nasolabial|marionette|(?:my|the) 11'?s|arrugas?|rides|furrows?|frown\w*",
    ),
    (
        "jaw",
        r"tmj|tmd|tmjd|temporomandibular|lockjaw|clench\w*|bruxis\w*|bruxer|masseters?|(?:teeth|tooth) grind\w*"
        r"|grind\w* (?:my |her |his )?teeth"
        r"|(?:tight|sore|tense|square|wide|big|wider|bulky|slim|slimming|slimmer) (?:the |my |lower )?(?:jaw|jawline|face)"
        r"|jaw (?:tension|tightness|pain|muscles?|clicks?|clicking|slimming|reduction|line slimming|joint)|jawline slim\w*"
        r"|v ?line|mandibula"
        r"|(?:jaw|jawline) (?:slimmer|smaller|narrower|softer)",
    ),
    (
        "skin_tone",
        r"(?:dark|age|sun|brown|liver|pigment|black|red) (?:spots?|marks?|circles?|patch\w*)|patch(?:y|iness)"
        r"|melasma|hyperpigment\w*|pigment\w*"
        r"|discolou?r\w*|dull\w*"
        r"|(?:skin|uneven|even|my) tone|skin ?tone|uneven skin|blotchy|sagg\w*|droop(?:y|ing) (?:\w+ )?(?:skin|jowls"
        r"|cheeks|neck|eyelids?|lids|brows?)|jowls?|loose (?:skin|neck)"
        r"|skin tighten\w*|tighten\w* (?:my |the |up my )?skin|tighter skin|firmer skin|firm up|crepey|elasticity"
        r"|complexion|broken veins?|spider veins?"
        r"|dead looking skin|tired (?:looking )?skin|enlarged pores|large pores|skin texture|rough skin|brighten\w*"
        r"|glow\w*|redness|manchas|puff\w* eyes"
        r"|eye ?bags?|tired (?:looking )?eyes|bags under|turkey neck|neck bands?",
    ),
    (
        "general",
        r"just (?:a )?general\w*|general(?:ly)? (?:question|enquiry|inquiry|consult\w*|look|info\w*|improvement|refresh)"
        r"|rejuvenat\w*|look(?:ing)? (?:younger|fresher|refreshed|rested|less tired|more rested|not so tired)"
        r"|anti ?aging|anti ?ageing|overall look|freshen up|refresh my (?:face|look|skin)|whole face|entire face",
    ),
)
PLACES: Patterns = (
    ("scars", r"acne"),
    ("jaw", r"jaws?|jawline|jaw ?line|lower face|grinding"),
    ("wrinkles", r"forehead|(?:these|those|the|small|vertical|horizontal|deep) lines|around (?:my|the) eyes"),
)
ANSWERS: Patterns = (
    ("scars", r"pits|holes|pimple marks|marks|burns?|belly from surgery|skin injury"),
    (
        "wrinkles",
        r"lines?|creases|foreheads?|(?:around|under|between) (?:my |the )?(?:eyes?|eye area|brows?|eyebrows?|mouth)"
        r"|under ?eye\w*|upper lip|lip area|folds",
    ),
    ("jaw", r"teeth|grind\w*"),
    (
        "skin_tone",
        r"spots?|tone|texture|pores?|firm\w*|loose|droop\w*|tight\w*|circles|veins?|colou?r|rosacea|patches|dry skin",
    ),
    (
        "general",
        r"nothing (?:specific|special|in particular|particular|really)|not (?:specific|particular)|whole (?:thing|lot)"
        r"|just (?:curious|asking|interested|looking)|general\w*|overall|face|facial|everything|anything"
        r"|all(?: of (?:it|them|the above|those))?|cosmetic\w*"
        r"|not (?:really |too )?sure|unsure|don'?t know|idk|dunno"
        r"|(?:none|neither|something) (?:of these|of those|else)|cheeks?|neck|chin|nose|eyes?|skin|whatever|any of (?:them"
        r"|those|it)"
        r"|younger|fresher|lips?|look better|no idea|several",
    ),
)
SHORT_SLIPS: Dict[str, str] = {
    **{
        "scarz": "scars",
        "skars": "scars",
        "scarrs": "scars",
        "forhead": "forehead",
        "tjm": "tmj",
        "tmg": "tmj",
        "marcks": "marks",
    },
    **{
        "strech": "stretch",
        "stretchmark": "stretch mark",
        "stretchmarks": "stretch marks",
        "acnee": "acne",
        "anti-aging": "anti aging",
    },
    **{
        "wrinkes": "wrinkles",
        "wrinkels": "wrinkles",
        "wrinckles": "wrinkles",
        "feets": "feet",
        "crowsfeet": "crows feet",
        "jawlin": "jawline",
    },
}
VOCABULARY = word_set(
    "scarring wrinkle wrinkles forehead stretch marks clenching clench grinding bruxism masseter jawline slimming sagging"
    " droopy melasma pigmentation hyperpigmentation discoloration discolouration dullness complexion keloid marionette"
    " nasolabial rejuvenation general texture elasticity redness cosmetic tension tighten tightening jowls"
)
ALIKE = word_set("scarlet scared stretcher tightens tighter streets")
WORDS_OF_CONCERNS = VOCABULARY | word_set(
    "scar scars acne tmj jaw jaws face facial lines line spots dull saggy skin tone neck cheeks cheek chin eyes eye crows"
    " feet frown stretchmarks spots cosmetic needling botox filler fillers"
)
