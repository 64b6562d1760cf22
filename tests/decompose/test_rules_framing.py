"""What stands around a description: requests, labels, forbidden acts, explanations; rows that are no sentences."""

from __future__ import annotations

import re

import pytest

from chronomotion.language.decompose.grammar.framing import unframed, without_request
from chronomotion.language.decompose.grammar.spelling import corrected, corrected_small
from chronomotion.language.decompose.rules import RuleDecomposer

RULES = RuleDecomposer()


def predicates(caption: str) -> list[str]:
    """The events without "a person" and the full stop."""
    return [re.sub(r"^a person |\.$", "", text) for text in RULES.split(caption).events.texts]


@pytest.mark.parametrize(
    ("request_text", "described"),
    [
        ("find videos where a clown juggles and bows", "a clown juggles and bows"),
        ("please get me some animations of a nurse who kneels", "a nurse kneels"),
        ("is there any recording in which a boy hops?", "a boy hops"),
        ("show me how a person folds a chair", "a person folds a chair"),
        ("show me somebody hopping", "a person hopping"),
        ("could you show me a man that climbs and jumps?", "a man climbs and jumps"),
        ("give me the box", "give me the box"),
        ("find the box and lift it", "find the box and lift it"),
        ("show your palms, then clap", "show your palms, then clap"),
    ],
)
def test_a_request_is_no_part_of_what_it_asks_for(request_text: str, described: str) -> None:
    assert without_request(request_text) == described


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("drill: squat, lunge, rest", "squat, lunge, rest"),
        ("dancer: bows, leaps", "dancer bows, leaps"),
        ("first: bow, then: leap, rest", "first: bow, then: leap, rest"),
        ("do not look back, cross the bridge", " cross the bridge"),
        ("cross the bridge, never stop.", "cross the bridge"),
        ("a robot does not sit but crouches", "a robot crouches"),
        ("she is not hopping but skipping", "she is skipping"),
        ("he does not move but then waves", "he does not move but then waves"),
        ("a man does not move", "a man does not move"),
        ("stand to crouch", "stand, crouch"),
        ("reach to grab", "reach to grab"),
        ("he begins by crouching and ends by leaping", "he crouches and then leaps"),
    ],
)
def test_labels_and_what_is_not_done_are_left_out(text: str, left: str) -> None:
    assert unframed(text) == left


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a person performs several balance drills", ["performs several balance drills"]),
        ("a person does some victory jumps", ["does some victory jumps"]),
        ("a person paints in elongated strokes", ["paints in elongated strokes"]),
        ("a person does sweeps the yard and rests", ["sweeps the yard", "rests"]),
        ("a person is squatting and is then rolling over", ["squats", "rolls over"]),
        ("a person is crouching and is now rising", ["crouches", "now rises"]),
        ("a person jogs to opposite ends of the hall", ["jogs to opposite ends of the hall"]),
        ("a person jogs ahead, two steps back and then waves", ["jogs ahead", "jogs two steps back", "waves"]),
        (
            "a person takes a hop with is left leg, a hop with his right leg",
            ["takes a hop with his left leg", "takes a hop with his right leg"],
        ),
        ("a person is walking and was then shoved", ["walks", "is shoved"]),
        ("a person jogs three meters turn right and waves", ["jogs three meters", "turns right", "waves"]),
        ("a person jogs ahead the turn 90 degrees", ["jogs ahead", "turns 90 degrees"]),
        ("a person takes a box to do a squat", ["takes a box to do a squat"]),
        ("a person pivots so that he faces the door and nods", ["pivots so that he faces the door", "nods"]),
        ("a person is shoved so that he stumbles", ["is shoved", "stumbles"]),
        ("a person walks to the bar, where he drinks and laughs", ["walks to the bar", "drinks", "laughs"]),
        ("a person walks back to where he started", ["walks back to where he started"]),
        ("a person does not wave until she reaches the gate", ["reaches the gate", "waves"]),
        ("the robot doesn't kneel until it touches the wall", ["touches the wall", "kneels"]),
        ("a person grabbed a rope, held it and released it", ["grabs a rope", "holds a rope", "releases a rope"]),
        ("a person holds a cup and drinks from it", ["holds a cup and drinks from it"]),
        ("during hopping a person is struck", ["while hopping a person is struck"]),
        ("a person hops on the left leg, followed by the right leg", ["hops on the left leg", "hops on the right leg"]),
    ],
)
def test_one_event_or_more(caption: str, expected: list[str]) -> None:
    assert [text.removeprefix("the robot ").replace("a robot ", "") for text in predicates(caption)] == expected


@pytest.mark.parametrize(
    ("caption", "verbs"),
    [
        ("Flapping his elbows, the boy runs ahead, then bows.", ["runs", "bows"]),
        ("Raising a flag, the boy kneels.", ["raises", "kneels"]),
        ("a person lifts a crate. seems to be moving house", ["lifts"]),
        ("a person bows, they seem tired", ["bows"]),
        ("a person bows. She looks tired.", ["bows"]),
        ("a person bows. She looks left.", ["bows", "looks"]),
        ("a person lifts a crate. He appears to throw it away", ["lifts", "appears"]),
        ("a person hops, appears to be kicked, and falls", ["hops", "appears", "falls"]),
        ("a person hums, as if warming up before singing, then bows", ["hums", "bows"]),
        ("a person hums before singing, then bows", ["hums", "sings", "bows"]),
    ],
)
def test_what_only_describes_is_no_event(caption: str, verbs: list[str]) -> None:
    texts = RULES.split(caption).events.texts
    assert len(texts) == len(verbs), texts
    assert all(re.search(rf"\b{verb}\b", text) for verb, text in zip(verbs, texts, strict=True)), texts


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("sneak, grab knife, stab", ["sneaks", "grabs knife", "stabs"]),
        ("combo: jab, left hook, spinning kick", ["jabs", "does left hook", "does spinning kick"]),
        ("bow, low sweep, elbow strike", ["bows", "does low sweep", "does elbow strike"]),
        ("left, arms up, right", ["moves left", "moves arms up", "moves right"]),
        ("hops left, right, then left", ["hops left", "hops right", "hops left"]),
        ("walk to run start", ["walks", "starts to run"]),
        ("chass\u00e9 to the left, jumping turn, bow", ["chasses to the left", "does jumping turn", "bows"]),
    ],
)
def test_rows_without_sentences(caption: str, expected: list[str]) -> None:
    assert predicates(caption) == expected


@pytest.mark.parametrize(
    ("typed", "spelling"),
    [("throwed", "threw"), ("catched", "caught"), ("falled", "fell"), ("bended", "bent")],
)
def test_regular_pasts_of_irregular_verbs(typed: str, spelling: str) -> None:
    slip = corrected(typed, expected=False)
    assert slip is not None
    assert (slip.kind, slip.spelling) == ("past", spelling)


def test_short_words_are_corrected_only_where_a_verb_is_sure() -> None:
    assert predicates("a person thro the ball and wlks away") == ["throws the ball", "walks away"]
    assert corrected("thro", expected=True) is None
    assert corrected("jog", expected=True, sure=True) is None
    assert corrected("sew", expected=True, sure=True) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("bacwkards", "backwards"), ("arround", "around"), ("persn", "person"), ("shouldr", "shoulder"),
     ("leftward", "leftward"), ("forwards", "forwards"), ("steeple", "steeple"), ("xylem", "xylem")],
)  # fmt: skip
def test_misspelt_directions_and_limbs(typed: str, meant: str) -> None:
    assert corrected_small(typed) == meant
