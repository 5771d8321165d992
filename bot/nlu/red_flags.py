"""Words that may mean danger, and words around them that change what they mean.

Signs follow the clinic's list of emergencies (chest, breath, stroke, bleeding, allergy, infection, collapse, nerve, eye,
poisoning, self-harm). They decide nothing alone: the urgency classifier weighs them together with the sentence, so that
"can it collapse a lung?" and "no chest pain" are left alone while "hurts when i breathe" is not.
"""

import re
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Pattern

import numpy as np

from bot.nlu.arrays import Array

_BREATH = r"(?:br+e+a*th?e?(?:ing|in|n|s|d)?|breth\w*|breeth\w*|breathing|breath|breathe|air)"
_CANT = r"(?:can'?t|can not|couldn'?t|cnt|cant|unable to|trouble|hard to|hard time|difficult\w*|struggl\w*|barely|fight\w* for)"
_HURT = r"(?:hurt\w*|pain\w*|ache\w*|aching|sharp|stab\w*|tight\w*|pressure|heavy|squeez\w*|burn\w*|crush\w*)"
_FACE = r"(?:face|mouth|smile|cheek|eyelid|lip)"
_LIMB = r"(?:arms?|hands?|legs?|foot|feet|fingers?|wrist|ankle|toes?|limbs?)"

SIGNS: Dict[str, Pattern[str]] = {
    "breath": re.compile(
        rf"{_CANT}[^.?!]{{0,25}}\b{_BREATH}\b|short(?:ness)? of breath|out of breath|breathless|gasp\w*|wheez\w*|suffocat\w*"
        rf"|winded|catch my breath|{_BREATH} (?:is|feels|has been|'s been|been)? ?(?:hard|shallow|fast|off|funny|weird|worse)"
        r"|chok(?:ing|es)|lips? (?:look\w*|are|turn\w*|went)[^.?!]{0,12}blue|turning blue|puffed"
    ),
    "chest": re.compile(
        rf"\b(?:chest|ribs?|rib ?cage|lung|shoulder ?blade|sternum)\b[^.?!]{{0,30}}\b{_HURT}"
        rf"|\b{_HURT}[^.?!]{{0,30}}\b(?:chest|ribs?|rib ?cage|lung|shoulder ?blade)\b"
        rf"|\b{_HURT}[^.?!]{{0,40}}\b(?:breath\w*|inhal\w*|breeth\w*|brethe)\b|heart attack|cardiac arrest|heart (?:is )?(?:racing|pounding)"
        r"|collapsed lung|pneumothorax|angina|palpitations|(?:jaw|neck|back)[^.?!]{0,30}\bleft arm|left arm[^.?!]{0,30}(?:jaw|neck|back|sweat\w*)|on (?:my|his|her) chest|crackl\w+"
    ),
    "stroke": re.compile(
        rf"\b{_FACE}[^.?!]{{0,25}}\b(?:droop\w*|droop|dropp?ed|numb|crooked|fell|won'?t move|lopsided|twisted)\b|\bstroke\b|slur\w*"
        r"|worst headache|thunderclap|can'?t (?:see|speak|talk|swallow)|lost (?:my |his |her )?(?:vision|sight|speech)|blind\w*"
        r"|seeing double|double vision|(?:speech|words?)[^.?!]{0,25}(?:wrong|weird|funny|out)|confus\w+|seizure|convuls\w+"
        r"|one side of (?:my|his|her|the) (?:face|body)|(?:vision|sight)[^.?!]{0,15}(?:gone|blur\w*)"
    ),
    "nerve": re.compile(
        rf"can'?t (?:lift|move|feel|raise|bend|hold|walk|stand|pee)|\b{_LIMB}[^.?!]{{0,25}}\b(?:numb|weak\w*|paraly[sz]ed|limp|dead|hangs?|floppy|won'?t)"
        rf"|(?:numb\w*|weak\w*|paraly[sz]ed)[^.?!]{{0,25}}\b{_LIMB}|foot drop|wrist drop|(?:bladder|bowel)s?|numb between|wet myself|jelly"
    ),
    "bleeding": re.compile(
        r"bleed\w*[^.?!]{0,30}(?:won'?t|not|doesn'?t|still|stop|heav\w*|lot|everywhere|pregnan\w*)|(?:won'?t|not|doesn'?t) stop bleeding"
        r"|(?:coughing|peeing|vomiting|throwing|spitting|spraying|losing|blood in)[^.?!]{0,12}(?:up )?[^.?!]{0,8}blood|blood everywhere|hemorrhag\w*"
        r"|soaked|spurting|gushing|(?:swell\w*|bruise|lump)[^.?!]{0,40}(?:getting bigger|growing|spread\w*|huge|ball)"
    ),
    "allergy": re.compile(
        r"(?:thr[oa]+t|tongue|lips?|face|neck)[^.?!]{0,25}(?:clos\w+|swel\w*|swol\w*|balloon\w*|tight\w*|getting big\w*|puff\w*)"
        r"|(?:swel\w*|swol\w*)[^.?!]{0,15}(?:thr[oa]+t|tongue|lips?|face|neck)|anaphyla\w+|epi ?pen|hives"
    ),
    "collapse": re.compile(
        r"pass(?:ed|ing|es)? out|faint(?:ed|ing|s)?\b|about to faint|black(?:ed|ing)? out|collaps\w+|unconscious|unresponsive|won'?t wake"
        r"|not waking|not responding|going into shock|clammy|hit (?:my|his|her) head|overdos\w+|drowning|electrocut\w*"
    ),
    "infection": re.compile(
        r"\bpus\b|oozing|red streak\w*|streaks? going|(?:fever|chills)[^.?!]{0,40}(?:red|swollen|hot|spread\w*|pus|shak\w*|needl\w*|confus\w*)"
        r"|(?:red|hot|swollen)[^.?!]{0,30}(?:fever|spreading|pus|leaking)|sepsis|swollen shut|leaking yellow"
    ),
    "object": re.compile(
        r"needle[^.?!]{0,25}(?:broke\w*|snapped|stuck|still in|left in|under (?:my|the) skin)|(?:swallowed|ate)[^.?!]{0,30}(?:needle|pills?|batter\w*|tablets)"
        r"|poked by|needle ?stick|still a needle|used needle"
    ),
    "vessel": re.compile(
        r"(?:skin|face|lip|nose)[^.?!]{0,15}\b(?:turn\w*|went|gone|going|has a|part)\b[^.?!]{0,15}(?:white|blotchy|grey|gray|black|mottled)"
        r"|\bmottled\b|calf[^.?!]{0,30}(?:swollen|hot|hard)"
        r"|blood (?:sugar|clot)|agony|labou?r|water broke"
    ),
    "call": re.compile(r"\b911\b|ambulance|\ber\b|emergency room|\bemerg\b|help me\b|plz help|please help"),
    "self_harm": re.compile(
        r"suicid\w*|kill(?:ing)? myself|kms\b|unaliv\w*|end (?:it|my life|things|everything|it all)|ending (?:it|my life|things)|want(?:ed)? to die"
        r"|wanna die|don'?t want to (?:live|be here|wake|exist|be alive)|no (?:reason|point)[^.?!]{0,15}(?:liv\w+|anymore|going on)"
        r"|better off (?:without me|dead)|hurt(?:ing)? myself|do(?:ing)? (?:something|anything)(?: \w+)? to myself|harm(?:ing)? myself|self[- ]?harm\w*|cutting (?:myself|again)|cut myself"
        r"|jump off|hang myself|goodbye (?:note|letter)|took (?:a bunch|all|the whole|too many)|\bod\b|overdos\w+|rope|pills|not worth living|shoot myself|ctb\b"
        r"|won'?t be (?:here|around)|be gone soon|give up on life|tired of (?:living|life|being alive)|can'?t go on"
    ),
    "violence": re.compile(
        r"(?:he|she|husband|wife|partner|boyfriend|girlfriend|dad|father|ex)\b[^.?!]{0,25}(?:hits?|beats?|hurts?|hurting|chok\w+|threat\w*|punch\w*|abus\w*)"
        r"|scared to go home|afraid of (?:him|her|my)|domestic|rape\w*|assault\w*"
    ),
    "other_language": re.compile(
        r"respirar|respirer|resp?irare|\batmen\b|makahinga|\bpecho|poitrine|\bbrust|dibdib|\bsaans\b|\bsah\b|seene|chhaati|desmay\w*|[ée]vanoui\w*|ohnm\w*"
        r"|suicid\w*|morir\b|mourir|sterben|mamatay|marna|mar jaa|дих\w*|груд\w*|помер\w*|умер\w*|呼吸|胸|死|تنفس|صدر|sangr\w*|saign\w*|\bblut\w*|khoon"
    ),
}

CONTEXTS: Dict[str, Pattern[str]] = {
    "negated": re.compile(
        r"\b(?:no|not|never|without|didn'?t|don'?t|doesn'?t|haven'?t|hasn'?t|isn'?t|wasn'?t|aren'?t|ain't|nothing|neither|nor|zero)\b"
    ),
    "contrast": re.compile(r"\b(?:but|however|though|although|except|just|until|then)\b"),
    "asks_in_general": re.compile(
        r"^(?:hi|hello|hey|ok|so|and|but|also|,|\s)*(?:can|could|does|do|is|are|will|would|what|how|has|have|did|why|when|who|which|should|if)\b"
        r"(?! (?:i|my|it) (?:be )?(?:having|feel|hurts))"
    ),
    "hypothetical": re.compile(
        r"\b(?:what if|what happens if|what would|if (?:i|someone|somebody|a person|you|the|they)|in case|suppose|could it|can it|can they|can you get"
        r"|risk|chances?|likely|possible|prevent|cause|signs of|symptoms of|ever)\b"
    ),
    "past": re.compile(
        r"\b(?:years? ago|months? ago|last (?:year|winter|summer|spring|fall|month)|in (?:19|20)\d\d|when i was|as a (?:kid|child|teen\w*|baby)|used to|once"
        r"|long time ago|ages ago|back then|history of|since (?:birth|childhood)|recovered|cleared up|all better|healed|in the past|previously|had a)\b"
    ),
    "well_now": re.compile(
        r"\b(?:fine now|ok(?:ay)? now|better now|all good|good place|totally fine|doing (?:great|well|fine)|gone now|is fine|i'm fine|it was fine|easier|great)\b"
    ),
    "now": re.compile(
        r"\b(?:right now|now|currently|today|tonight|this (?:morning|afternoon|evening|second)|since|just|suddenly|sudden|all of a sudden|still|hours? ago"
        r"|minutes? ago|min ago|yesterday|getting worse|worse|keeps?|can'?t|again|an hour|woke up|help)\b"
    ),
    "first_person": re.compile(r"\b(?:i|i'm|i've|my|me|im|ive|myself)\b"),
    "third_person": re.compile(
        r"\b(?:he|she|he's|she's|his|her|they|husband|wife|mom|mum|mother|dad|father|son|daughter|kid|friend|client|sister|brother|partner|man|woman)\b"
    ),
    "idiom": re.compile(
        r"\b(?:lol|haha\w*|lmao|dying (?:to|for)|die (?:for|to|of|laughing)|to die for|killing me|kill(?:s|ed)? (?:for|time|it|the)|killer|dead (?:tired|line|skin|lift)"
        r"|deadline|heart attack (?:when|lol|at)|breathtaking|take my breath|stroke of|suicides\b|hang(?:ing)? out|shoot me|crack me up|bloody|just joking|phone died)\b"
    ),
    "asks_for_help": re.compile(
        r"what (?:do|should) (?:i|we) do|do i need|should i (?:go|call|wait|worry|come|be worried)|is it (?:normal|ok) (?:that|if|to)|help"
    ),
    "question_mark": re.compile(r"\?"),
    "short": re.compile(r"^\W*(?:\w+\W*){1,4}$"),
}

_SIGN_NAMES = tuple(SIGNS)
_CONTEXT_NAMES = tuple(CONTEXTS)
_SOFTENING = ("negated", "asks_in_general", "hypothetical", "past", "well_now", "idiom")
WEIGHT = 0.3
"""How much one column counts beside the sentence vector, which is of length 1."""

COLUMNS = len(_SIGN_NAMES) + len(_CONTEXT_NAMES) + len(_SOFTENING) + 2


UNMISTAKABLE_SYMPTOM = re.compile(
    r"going into shock|\b(?:i'm|he's|she's|is|i am|am) having (?:a|an) (?:heart attack|stroke|seizure|allergic reaction|miscarriage)"
    r"|(?:i|he|she|we|they) (?:still |really |just )?(?:can'?t|cant|cannot) (?:breathe|breath|get (?:any|enough) air|catch (?:my|his|her) breath)"
    r"|\b(?:won'?t|not|doesn'?t) wake up\b|\bnot breathing\b|\banaphyla\w+\b|\bunconscious\b|bleeding (?:won'?t|doesn'?t|isn'?t|not) stop"
)
UNMISTAKABLE_CRISIS = re.compile(
    r"\b(?:want|going|gonna|plan\w*|about|ready) to (?:kill myself|end my life|end it all|hurt myself|die tonight)"
    r"|\bkms\b[^.?!]{0,5}[.,!]? *(?:not joking|tonight|fr|for real|no joke|serious)|\bi (?:just )?(?:took|swallowed) (?:all|a bunch of|the whole|too many)"
    r"|\bdon'?t want to (?:live|be alive|wake up|exist)\b"
)
IN_OTHER_LANGUAGES = re.compile(
    r"no puedo respirar|no puede respirar|dolor (?:de |en el |en mi )?pecho|me duele (?:mucho )?el pecho|se desmay[oó]"
    r"|(?:ne |n')?(?:peux|peut|arrive) pas (?:à )?respirer|mal (?:à|a) la poitrine|douleur (?:à|a|dans) la poitrine|perdu connaissance"
    r"|(?:hindi|di) (?:ako |siya )?makahinga|masakit (?:ang )?dibdib|nawalan ng malay|saans? na(?:hi|hin)|saah na|seene (?:me|mein|vich) dard"
    r"|kann nicht atmen|keine luft|brustschmerz\w*|bewusstlos|ohnmächtig|не можу дихати|не могу дышать|болить у грудях|втратила? свідомість"
    r"|不能呼吸|胸痛|لا أستطيع التنفس"
)
DESPAIR_IN_OTHER_LANGUAGES = re.compile(
    r"quiero morir|no quiero vivir|me quiero matar|veux mourir|veux plus vivre|gusto ko nang mamatay|ayoko nang mabuhay|marna (?:chahta|chahti|chahunda|chahundi)"
    r"|will sterben|nicht mehr leben|хочу померти|хочу умереть|не хочу (?:жити|жить)|想死"
)
RIGHT_NOW = re.compile(
    r"\bright now\b|\bjust now\b|\bi am now\b|\b(?:this morning|tonight|an hour ago|minutes? ago|hours? ago|since (?:this|yesterday|lunch))\b"
    r"|what (?:do|should) (?:i|we) do\b|\bhelp me\b|\bplease help\b|help!"
)
GUARDS = frozenset({"negated", "past", "well_now", "idiom"})
NOT_BODILY = frozenset({"call", "self_harm", "violence", "other_language"})


class Flags(NamedTuple):
    """What one sentence names."""

    signs: List[str]
    """Whatever the sentence says of them."""
    contexts: FrozenSet[str]
    unmistakable: Optional[str]
    """urgent_symptom or urgent_crisis when the words leave no doubt, so that no classifier can talk it away."""


def flags_in(text: str) -> Flags:
    """Returns the red flags of a tidied text in lower case."""
    signs = [name for name, sign in SIGNS.items() if sign.search(text)]
    contexts = frozenset(name for name, context in CONTEXTS.items() if context.search(text))
    return Flags(signs, contexts, _unmistakable(text, signs, contexts))


def columns(flags: List[Flags]) -> Array:
    """Returns one row a sentence, shape (number of sentences, COLUMNS): signs, contexts, signs softened by a context."""
    return np.array([_row(found) for found in flags], dtype=np.float32)


def _row(found: Flags) -> List[bool]:
    any_sign = bool(found.signs)
    softened = [any_sign and name in found.contexts for name in _SOFTENING]
    signs = [name in found.signs for name in _SIGN_NAMES]
    contexts = [name in found.contexts for name in _CONTEXT_NAMES]
    return [*signs, *contexts, *softened, any_sign, any_sign and not any(softened)]


def _unmistakable(text: str, signs: List[str], contexts: FrozenSet[str]) -> Optional[str]:
    """A sign together with "right now" or a cry for help counts, unless it is negated, past, over, or an idiom."""
    if DESPAIR_IN_OTHER_LANGUAGES.search(text):
        return "urgent_crisis"
    if IN_OTHER_LANGUAGES.search(text) and not re.search(r"\b(?:no me duele|no tengo|pas mal)\b", text):
        return "urgent_symptom"
    if UNMISTAKABLE_CRISIS.search(text) and contexts.isdisjoint({"past", "idiom", "hypothetical"}):
        return "urgent_crisis"
    if UNMISTAKABLE_SYMPTOM.search(text) and contexts.isdisjoint({"past", "idiom", "well_now", "hypothetical"}):
        return "urgent_symptom"
    bodily = any(name not in NOT_BODILY for name in signs)
    if bodily and contexts.isdisjoint(GUARDS) and RIGHT_NOW.search(text) and not re.search(r"\b(?:if|would i|could)\b", text):
        return "urgent_symptom"
    return None
