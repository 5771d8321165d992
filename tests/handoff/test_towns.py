"""Towns of the Peace Country and beyond, as people type them."""

from __future__ import annotations

import pytest

from bot.handoff.details import read_details

NAMED = [
    ("I live in Grande Prairie", "Grande Prairie"),
    ("grand prairie", "Grande Prairie"),
    ("grande prarie", "Grande Prairie"),
    ("Grand Prarie AB", "Grande Prairie"),
    ("grande praire", "Grande Prairie"),
    ("gp", "Grande Prairie"),
    ("GP", "Grande Prairie"),
    ("im in GP", "Grande Prairie"),
    ("near gp", "Grande Prairie"),
    ("GP area", "Grande Prairie"),
    ("GP, AB", "Grande Prairie"),
    ("T8V", "Grande Prairie"),
    ("my postal code is T8X 0A1", "Grande Prairie"),
    ("county of grande prairie", "Grande Prairie"),
    ("sexsmith", "Sexsmith"),
    ("sexmith", "Sexsmith"),
    ("Clairmont", "Clairmont"),
    ("clairmount", "Clairmont"),
    ("Beaver Lodge", "Beaverlodge"),
    ("bezanson area", "Bezanson"),
    ("Hythe, about an hour out", "Hythe"),
    ("we're out by Spirit River", "Spirit River"),
    ("la glace", "La Glace"),
    ("Valley view", "Valleyview"),
    ("Grande Cache", "Grande Cache"),
    ("Fox Creek", "Fox Creek"),
    ("Fairview alberta", "Fairview"),
    ("i'm from peace river", "Peace River"),
    ("High Prairie", "High Prairie"),
    ("Dawson Creek BC", "Dawson Creek"),
    ("ft st john", "Fort St. John"),
    ("Fort Saint John", "Fort St. John"),
    ("fort st. john", "Fort St. John"),
    ("FSJ", "Fort St. John"),
    ("Debolt", "DeBolt"),
    ("hudsons hope", "Hudson's Hope"),
    ("st albert", "St. Albert"),
    ("Edmonton", "Edmonton"),
    ("edmontin", "Edmonton"),
    ("I live in Taylor", "Taylor"),
    ("we live past Manning", "Manning"),
    ("Manning, AB", "Manning"),
    ("im in wembley but work in gp", "Wembley"),
    ("Sorry, I live in Sexsmith not Wembley", "Sexsmith"),
    ("not Beaverlodge. Wembley", "Wembley"),
    ("i wrote grande cache but i meant grande prairie", "Grande Prairie"),
    ("I need to update the town, we moved to Hythe", "Hythe"),
    ("Im up in GP every second week for work but live in Edmonton", "Edmonton"),
    ("Almost! I actually moved to Hythe last month so put Hythe instead of GP", "Hythe"),
    ("her forehead was done in Calgary, anyway I'm in Beaverlodge", "Beaverlodge"),
    ("my sister in law had this done in Kelowna and I'm near Grande Prairie", "Grande Prairie"),
    ("I'm in Edmonton but I'm up in GP every second week. Put Edmonton.", "Edmonton"),
    ("I'm in Edmonton but I'm up in GP every second week", "Edmonton"),
    ("I live in Little Buffalo", "Little Buffalo"),
    ("I live in little buffalo and can drive", "Little Buffalo"),
    ("my town is Peerless Lake", "Peerless Lake"),
    ("im dana, text 780-555-0143, im in clairmont", "Clairmont"),
]

ANSWERED = [
    ("Taylor", "Taylor"),
    ("Manning", "Manning"),
    ("in brooks", "Brooks"),
    ("Peerless Lake", "Peerless Lake"),
    ("peerless lake", "Peerless Lake"),
    ("near Gift Lake, about 2 hours out", "Gift Lake"),
    ("we live by Elk Point", "Elk Point"),
    ("Swift Current, Saskatchewan", "Swift Current"),
    ("St. Walburg", "St. Walburg"),
    ("it's Trout Lake", "Trout Lake"),
    ("Sexsmith please", "Sexsmith"),
    ("Lac Ste. Anne", "Lac Ste. Anne"),
    ("GP but moving to Edmonton in june", "Grande Prairie"),
    ("dawson", "Dawson Creek"),
    ("15 min west of Wembley", "Wembley"),
    ("between Wembley and Beaverlodge", "Wembley"),
]

NONE = [
    "my GP said it is fine",
    "I saw a GP last week",
    "reference GP-1182",
    "I'm in pain",
    "im in bed",
    "I live in a house",
    "I live in the country",
    "i live in fear of needles",
    "I live alone",
    "I moved suddenly",
    "it hasn't moved in three months",
    "can i stay anonymous",
    "Taylor here, 780-555-0143",
    "Jasper 780-555-0143",
    "my name is Devon",
    "I'm from Alberta",
    "does it help with old scars",
    "I'm in my forties",
    "ma langue gonfle après la crème",
    "text me in French",
]


@pytest.mark.parametrize(("text", "town"), NAMED, ids=[text for text, _ in NAMED])
@pytest.mark.parametrize("expected", [None, "town"])
def test_a_town_is_read(text: str, town: str, expected: str | None) -> None:
    assert read_details(text, expected).town == town


@pytest.mark.parametrize(("text", "town"), ANSWERED, ids=[text for text, _ in ANSWERED])
def test_an_answer_is_a_town_even_when_no_list_knows_it(text: str, town: str) -> None:
    assert read_details(text, "town").town == town


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_place_gives_no_town(text: str) -> None:
    assert read_details(text).town is None


@pytest.mark.parametrize(
    "text",
    [
        "why do you need that",
        "why?",
        "skip",
        "rather not say",
        "not sure",
        "no",
        "yes",
        "what for",
        "idk",
        "780-555-0143",
        "my face",
        "evenings",
        "I get cold sores",
        "I had cancer",
        "stretch marks on my tummy",
        "no texts",
        "my doctor says no",
    ],
)
def test_a_refusal_a_question_or_another_detail_is_no_town(text: str) -> None:
    read = read_details(text, "town")
    assert read.town is None
    assert "town" not in read.problems


@pytest.mark.parametrize("text", ["Alberta", "in alberta", "northern Alberta", "BC", "Canada", "the Peace Country"])
def test_a_province_is_too_wide_to_find_somebody_near(text: str) -> None:
    read = read_details(text, "town")
    assert read.town is None
    assert read.problems == {"town": "too_wide"}
