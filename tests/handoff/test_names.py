"""First names as people type them on a phone, and what must never be taken for one."""

from __future__ import annotations

import pytest

from bot.handoff.details import read_details

SAID = [
    ("I'm Dana", "Dana"),
    ("im dana", "Dana"),
    ("Im Dana and i want to ask about my scars", "Dana"),
    ("hi i am dana, text me 780-555-0143", "Dana"),
    ("my name is Priya Dhaliwal", "Priya Dhaliwal"),
    ("my name is dana lopez", "Dana Lopez"),
    ("my name is zofia and i live in hythe", "Zofia"),
    ("MY NAME IS DANA", "Dana"),
    ("my first name is mary-ann", "Mary-Ann"),
    ("names Cody", "Cody"),
    ("name's Cody, firefighter, sore back", "Cody"),
    ("the name's gord", "Gord"),
    ("name: Oleksandr", "Oleksandr"),
    ("name Oksana, phone 825 555 0171", "Oksana"),
    ("first name Mei last name Chen", "Mei"),
    ("this is Gord", "Gord"),
    ("Hi this is Maricel from Clairmont", "Maricel"),
    ("it's Dana", "Dana"),
    ("its dana, 780 555 0143", "Dana"),
    ("yeah it's Mike, mike.olson@example.com", "Mike"),
    ("Dana here", "Dana"),
    ("hey, Tanya here, do u do lips", "Tanya"),
    ("call me Dana", "Dana"),
    ("Okay hi this is Brittany I'm out in Wembley", "Brittany"),
    ("I'm Amandeep btw", "Amandeep"),
    ("just call me Bo", "Bo"),
    ("you can call me happy, 780 555 0143", "Happy"),
    ("i go by Kat", "Kat"),
    ("Put down Robert J. Sinclair.", "Robert"),
    ("can someone text me about filler? thanks, Dana", "Dana"),
    ("Please reply by email.\nThank you\nEleanor Whitcombe", "Eleanor Whitcombe"),
    ("Dana 780-555-0143", "Dana"),
    ("dana lopez, 7805550143, evenings", "Dana Lopez"),
    ("zofia 780 555 0143", "Zofia"),
    ("Bree, 780-555-0133, evenings", "Bree"),
    ("780-555-0143 Dana", "Dana"),
    ("dana@example.com - Dana", "Dana"),
    ("Dana my cell is 780-555-0143", "Dana"),
    ("20 weeks pregnant and my name is Oksana", "Oksana"),
    ("je m'appelle Josée", "Josée"),
    ("me llamo José", "José"),
    ("ako po si Jun", "Jun"),
    ("Мене звати Оксана", "Оксана"),
    ("我叫李明", "李明"),
    ("मेरा नाम प्रिया है", "प्रिया"),
    ("My name is Storm", "Storm"),
    ("Chester is my name, last name Payne", "Chester"),
    ("hello. Maureen Petrovic. My cell is 780-555-0143.", "Maureen Petrovic"),
    ("sup, Jake from Sexsmith, jaw stuff, jake@example.com", "Jake"),
    ("lol its just me bob", "Bob"),
    ("this is chantelle i need my forehead done", "Chantelle"),
    ("yo its tyler txt me 780.555.0143", "Tyler"),
    ("Sam (short for Samantha), 780 555 0143", "Sam"),
    ("My husband's name is Earl but I'm Doreen", "Doreen"),
    ("Jennifer but everyone calls me Jen", "Jen"),
    ("i'm O'Brien's neighbour", None),
    ("My name’s D’Arcy", "D'Arcy"),
]

ANSWERED = [
    ("Dana", "Dana"),
    ("dana", "Dana"),
    ("DANA", "Dana"),
    ("Dana.", "Dana"),
    ("Dana!", "Dana"),
    ("Dana 😊", "Dana"),
    ("dana :)", "Dana"),
    ("it's dana", "Dana"),
    ("its zofia", "Zofia"),
    ("im zofia", "Zofia"),
    ("Sure, it's Dana", "Dana"),
    ("ok dana", "Dana"),
    ("yes, Dana", "Dana"),
    ("dana thanks", "Dana"),
    ("just dana is fine", "Dana"),
    ("hi im dana lopez", "Dana Lopez"),
    ("Mrs. Eleanor Whitcombe", "Eleanor Whitcombe"),
    ("Dr Smith", "Smith"),
    ("Jean-Paul", "Jean-Paul"),
    ("jean-paul", "Jean-Paul"),
    ("o'brien", "O'Brien"),
    ("Anna Maria Lopez", "Anna Maria"),
    ("Maria Luisa Santos Dela Cruz", "Maria Luisa"),
    ("Zoë", "Zoë"),
    ("Łukasz", "Łukasz"),
    ("nguyễn thị mai", "Nguyễn Thị"),
    ("Оксана", "Оксана"),
    ("李明", "李明"),
    ("प्रिया", "प्रिया"),
    ("ਹਰਪ੍ਰੀਤ", "ਹਰਪ੍ਰੀਤ"),
    ("محمد", "محمد"),
    ("마리아", "마리아"),
    ("Rose", "Rose"),
    ("will", None),
    ("Will", "Will"),
    ("April", "April"),
    ("June", "June"),
    ("Hope", "Hope"),
    ("mark", "Mark"),
    ("Jasper", "Jasper"),
    ("Taylor", "Taylor"),
    ("An", "An"),
    ("JP", "JP"),
    ("mckenzie", "Mckenzie"),
    ("McKenzie", "McKenzie"),
    ("Dana, why do you need it?", "Dana"),
    ("Dana, text me on 780-555-0143 after five, it's about acne scars", "Dana"),
    ("sam but please don't share it", None),
    ("Sam, please don't share it", "Sam"),
    ("Gurpreet Singh Gill", "Gurpreet Singh"),
    ("you can put Gurpreet", "Gurpreet"),
    ("Ma. Teresa", "Teresa"),
    ("my name dana", "Dana"),
    ("mine's Bart", "Bart"),
    ("I'd like to be called Rae", "Rae"),
    ("um... Theresa I guess", "Theresa"),
    ("my name? it's Lorne", "Lorne"),
    ("is this confidential? im Wendy", "Wendy"),
    ("Wendy. is this confidential?", "Wendy"),
    ("tj", "TJ"),
    ("T.J.", "TJ"),
    ("Pastor Dave", "Dave"),
    ("grandma joan", "Joan"),
    ("d'angelo", "D'Angelo"),
    ("Abdul-Rahman", "Abdul-Rahman"),
]

NO_NAMES = [
    "I'm interested",
    "im intrested in the facial needling",
    "I'm fine thanks",
    "I'm sorry",
    "im in Grande Prairie",
    "I'm from Sexsmith",
    "I'm a nurse",
    "im looking for someone for my scars",
    "I'm not sure",
    "I'm Canadian",
    "im vegetarian",
    "im diabetic, 780-555-0143",
    "I'm pregnant",
    "im 45",
    "I'm available Tuesday 780-555-0143",
    "im free after 5, 780 555 0143",
    "this is urgent",
    "this is about my scars",
    "it's about acne scars",
    "its botox i want",
    "it's Wednesday",
    "its on my forehead 780-555-0143",
    "call me after five",
    "call me back",
    "call me tomorrow",
    "please call me at 780-555-0143",
    "call me asap",
    "call me crazy but does it work",
    "my name is not important",
    "my name is none of your business",
    "thanks, bye",
    "Thanks",
    "thanks so much",
    "Cell 780-555-0143",
    "my number is 780-555-0143",
    "Reach me 780-555-0143",
    "text 780-555-0143",
    "whatsapp 780-555-0143",
    "Evenings, 780-555-0143",
    "Sexsmith, 780-555-0143",
    "acne scars, 780-555-0143",
    "Botox 780-555-0143",
    "my wife Maria's number is 780-555-0143",
    "emergency contact: my wife, Dana 780-555-0143",
    "what is your name",
    "Is Dana a good provider?",
    "I saw Dr. Sarah Miller last week",
    "my last name is Tremblay",
    "my dog's name is Rex",
    "my daughter's name is Ashley",
    "nothing here",
    "is anyone here",
    "new here, how does this work",
    "i'm all ears",
    "I'm good",
    "I'M INTERESTED",
    "I'M IN PAIN",
    "This Is Great",
    "it's TMJ",
    "it's jaw clenching",
]

NO_ANSWERS = [
    "why do you need that",
    "why do you need my name?",
    "why",
    "rather not say",
    "id rather not",
    "prefer not to say",
    "I don't want to give my name",
    "skip",
    "no",
    "yes",
    "ok",
    "none of your business",
    "do I have to?",
    "what for",
    "what happens with it?",
    "who sees this",
    "later",
    "not now",
    "cancel",
    "stop",
    "never mind",
    "help",
    "hello",
    "hi there",
    "thanks",
    "acne scars",
    "my jaw",
    "tmj",
    "botox",
    "Sexsmith",
    "grande prairie",
    "Monday",
    "tomorrow",
    "evenings",
    "text me",
    "780-555-0143",
    "dana@example.com",
    "how much does it cost",
    "does it hurt?",
    "is it safe",
    "can i stay anonymous",
    "interested",
    "im interested",
    "just looking",
    "not sure",
    "I don't know",
    "idk",
    "?",
    "...",
    "my chest hurts",
    "I don't feel well",
    "the same as before",
    "you already have it",
    "i told you already",
    "french please",
    "speak to a person",
    "Anonymous",
    "nope",
    "who wants to know",
    "i dont give my name to robots",
    "I'd rather stay private",
    "does it matter",
    "do you need my last name too?",
    "before that, is it safe for diabetics",
    "да",
    "ні",
    "아니요",
    "不",
]

NOT_USABLE = [
    ("<script>alert(1)</script>", "not_a_name"),
    ("Dana<script>", "not_a_name"),
    ("<b>Dana</b>", "not_a_name"),
    ("{{7*7}}", "not_a_name"),
    ("${jndi:ldap://example.com}", "not_a_name"),
    ("=cmd|' /C calc'!A0", "not_a_name"),
    ('=HYPERLINK("http://example.com")', "not_a_name"),
    ("http://example.com", "not_a_name"),
    ("www.example.com", "not_a_name"),
    ("javascript:alert(1)", "not_a_name"),
    ("'; DROP TABLE enquiries; --", "not_a_name"),
    ("asdf", "not_a_name"),
    ("asdfgh", "not_a_name"),
    ("qwerty", "not_a_name"),
    ("xxxx", "not_a_name"),
    ("aaa", "not_a_name"),
    ("test", "not_a_name"),
    ("hjkl", "not_a_name"),
    ("sdfgsdfg", "not_a_name"),
    ("12345", "not_a_name"),
    ("dana123", "not_a_name"),
    ("😊😊", "not_a_name"),
    ("***", "not_a_name"),
    ("a" * 60, "not_a_name"),
    ("Wolfeschlegelsteinhausenbergerdorffwelche", "too_long"),
    ("my name is 007", "not_a_name"),
    ("my name is asdf", "not_a_name"),
]


@pytest.mark.parametrize(("text", "name"), SAID, ids=[text for text, _ in SAID])
def test_a_name_is_read_wherever_it_is_said(text: str, name: str | None) -> None:
    assert read_details(text).first_name == name


@pytest.mark.parametrize(("text", "name"), ANSWERED, ids=[text for text, _ in ANSWERED])
def test_an_answer_to_the_question_for_the_name_is_one(text: str, name: str | None) -> None:
    assert read_details(text, "first_name").first_name == name


@pytest.mark.parametrize(("text", "name"), SAID, ids=[text for text, _ in SAID])
def test_what_is_a_name_unasked_is_one_when_asked(text: str, name: str | None) -> None:
    if name:
        assert read_details(text, "first_name").first_name == name


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_only_looks_like_an_introduction_gives_no_name(text: str) -> None:
    read = read_details(text)
    assert read.first_name is None
    assert "first_name" not in read.problems


@pytest.mark.parametrize("text", NO_ANSWERS)
def test_a_question_a_refusal_or_another_detail_is_no_name_and_no_mistake(text: str) -> None:
    read = read_details(text, "first_name")
    assert read.first_name is None
    assert "first_name" not in read.problems


@pytest.mark.parametrize(("text", "problem"), NOT_USABLE, ids=[text for text, _ in NOT_USABLE])
def test_what_cannot_be_a_name_is_told_apart_from_no_answer(text: str, problem: str) -> None:
    read = read_details(text, "first_name")
    assert read.first_name is None
    assert read.problems["first_name"] == problem


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("its Harpreet not Harpeet", "Harpreet"),
        ("not Kristin, Kristen", "Kristen"),
        ("no, Maria", "Maria"),
        ("sorry typo, my name is Kristen with a K", "Kristen"),
        ("its spelled Dayna", "Dayna"),
        ("it's spelled Oleksandr", "Oleksandr"),
        ("spelled with a K, Erik", "Erik"),
        ("that's not how you spell it, it's M-A-E-V-E", "Maeve"),
        ("I misspelled my own name lol its Brittany", "Brittany"),
        ("change my name to Dayna", "Dayna"),
        ("change that to Katherine", "Katherine"),
        ("sorry i meant Kathryn", "Kathryn"),
        ("wrong name. it's Shauna", "Shauna"),
        ("i spelled my name wrong its Wendie", "Wendie"),
        ("its halvorsen with an e", "Halvorsen"),
        ("sorry i meant Little Buffalo", None),
        ("the name should be Dayna", "Dayna"),
        ("actually call me Dee, not Dana", "Dee"),
        ("not mornings, evenings", None),
        ("not scars, wrinkles", None),
        ("I live in Sexsmith not Wembley", None),
    ],
)
def test_a_name_is_put_right(text: str, name: str | None) -> None:
    assert read_details(text).first_name == name


def test_a_name_that_the_language_model_found_tips_the_balance() -> None:
    assert read_details("im marsaili", people=["marsaili"]).first_name == "Marsaili"
    assert read_details("im marsaili").first_name is None


def test_a_wrong_find_of_the_language_model_makes_no_name() -> None:
    assert read_details("I'm Interested in Botox", people=["Botox", "Interested"]).first_name is None
    assert read_details("Does Dana do lips?", people=["Dana"]).first_name is None


def test_a_longer_answer_with_a_name_that_the_language_model_found_is_read() -> None:
    assert read_details("well most people around here know me by Dana I guess", "first_name", ["Dana"]).first_name == "Dana"
    assert read_details("I want it for my daughter Ashley", "first_name", ["Ashley"]).first_name is None
