"""Order told in other words than "then": which event happened first, whatever the sentence looks like."""

from __future__ import annotations

import re

import pytest

from chronomotion.language.decompose.rules import RuleDecomposer

RULES = RuleDecomposer()


def assert_told(caption: str, expected: str) -> None:
    """The events of a caption are as many as ``expected`` has words, and the i-th one holds the i-th word."""
    events = RULES.split(caption).events.texts
    told = [re.findall(r"[a-z-]+", event) for event in events]
    assert len(told) == len(expected.split()), events
    assert all(word in words for word, words in zip(expected.split(), told, strict=True)), events


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        # before and after a row of verbs
        ("Before kneeling, the knight bows and draws his sword.", "bows draws kneels"),
        ("before she lies down, the woman yawns, stretches and blinks", "yawns stretches blinks lies"),
        ("prior to throwing the javelin, he runs and hops", "runs hops throws"),
        ("The kid claps and laughs before falling over.", "claps laughs falls"),
        ("the kid claps and laughs after falling over", "falls claps laughs"),
        ("they crouch, leap and spin after bowing.", "bows crouches leaps spins"),
        ("having knelt, the priest prays and crosses himself", "kneels prays crosses"),
        ("she nods and waves, having sat down first", "sits nods waves"),
        ("after crawling, the soldier rises and salutes", "crawls rises salutes"),
        ("a person staggers back and recovers after being shoved", "staggers shoved recovers"),
        # parentheses
        ("a man walks to the desk and, after a nod, sits down", "walks nod sits"),
        ("a dancer twirls and after a bow leaves the stage", "twirls bow leaves"),
        ("somebody squats and, before getting up, touches the floor", "squats touches gets"),
        ("she runs and, once she sees the hurdle, leaps", "runs sees leaps"),
        # as soon as, once, when, until
        ("As soon as the robot stops, it turns around.", "stops turns"),
        ("the moment they land, they roll", "lands rolls"),
        ("once the player catches the ball, he shoots", "catches shoots"),
        ("He ducks as soon as he hears the shot.", "hears ducks"),
        ("a woman kneels when she sees the queen", "sees kneels"),
        ("the boy laughs once he lands", "lands laughs"),
        ("the figure marches until it falls", "marches falls"),
        ("an athlete hops until he stumbles, then rests", "hops stumbles rests"),
        ("he doesn't jump until he hears the whistle", "hears jumps"),
        ("We do not kneel until after we bow.", "bows kneels"),
        ("not until he kneels does the man pray", "kneels prays"),
        # earlier, before that, first
        ("A person lies down. Earlier he had yawned.", "yawns lies"),
        ("the girl sits down; before that, she dusts the chair", "dusts sits"),
        ("he fires an arrow, but before that he kneels", "kneels fires"),
        ("she throws the dart, but first she aims", "aims throws"),
        ("the man sat down. He had waved.", "waves sits"),
        ("a person kneels, bowing first", "bows kneels"),
        ("he swings the bat, but only after stepping back", "steps swings"),
        ("The character had crouched before it leapt.", "crouches leaps"),
        # following, subsequent to, upon, preceded by, followed by
        ("following a spin, the skater bows", "spin bows"),
        ("Following a short jog, the runner stretches.", "jog stretches"),
        ("subsequent to kneeling, she prays", "kneels prays"),
        ("upon landing, the gymnast raises both arms", "lands raises"),
        ("a cartwheel, which is followed by a bow", "cartwheel bow"),
        ("he performs a bow preceded by a jump", "jump bow"),
        ("he punches, which is followed by a kick", "punches kick"),
        ("she skips, after which she curtsies", "skips curtsies"),
        ("two seconds after kneeling the man coughs", "kneels coughs"),
        ("a guy sneezes a few seconds before sitting", "sneezes sits"),
        # between and around
        ("between crouching and crawling, the soldier salutes", "crouches salutes crawls"),
        ("she claps in between kneeling and standing up", "kneels claps stands"),
        ("a man claps before and after bowing", "claps bows claps"),
        ("he bows, with a clap before and a nod after", "clap bows nod"),
        # afterwards in one word
        ("a person crawls ahead and stands up after", "crawls stands"),
        ("a person kneels and after rolls over", "kneels rolls"),
        ("he limps home and sits afterwards", "limps sits"),
        # lists
        ("1. crouch 2. jump up 3. land softly", "crouches jumps lands"),
        ("1) nod 2) shrug", "nods shrugs"),
        ("a) kneel b) stand up c) bow", "kneels stands bows"),
        ("- squats\n- leaps\n- lands", "squats leaps lands"),
        ("First, she kneels. Second, she prays. Third, she rises.", "kneels prays rises"),
        ("first he bows, second he kneels, last he prays", "bows kneels prays"),
        ("To begin with, the man yawns; finally he sleeps.", "yawns sleeps"),
        ("crouch -> leap -> roll", "crouches leaps rolls"),
        ("In the end the person collapses.", "collapses"),
    ],
)
def test_what_happened_first(caption: str, expected: str) -> None:
    assert_told(caption, expected)


@pytest.mark.parametrize(
    "caption", ["he kneels, second he bows", "First he kneels. Secondly, he bows.", "first, he kneels, then he bows"]
)
def test_words_for_places_in_a_row_do_not_stay(caption: str) -> None:
    texts = " ".join(RULES.split(caption).events.texts)
    assert not re.search(r"\b(?:first|second|secondly|then)\b", texts)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        # commands and rows of bare verbs
        ("wave, nod, shrug", "waves nods shrugs"),
        ("Slowly lift your arm, then lower it.", "lifts lowers"),
        ("please kneel down and pick up the coin", "kneels picks"),
        ("Crouch, leap, land and roll.", "crouches leaps lands rolls"),
        ("Now turn left, walk to the wall and stop.", "turns walks stops"),
        ("Could you please squat and then jump?", "squats jumps"),
        ("step back, raise both hands, freeze", "steps raises freezes"),
        ("Kick, punch, block, then bow to your opponent.", "kicks punches blocks bows"),
        ("duck and cover", "ducks covers"),
        # whoever moves
        ("the athlete jumps and lands", "jumps lands"),
        ("A weightlifter squats, lifts the bar and drops it.", "squats lifts drops"),
        ("the trapeze artist swings and lets go", "swings lets"),
        ("Two dancers spin and bow.", "spins bows"),
        ("the children run in circles, then fall", "runs falls"),
        ("a drone lands, then the woman picks it up", "lands picks"),
        ("the skater glides, spins and falls", "glides spins falls"),
        ("an old fencer lunges and retreats", "lunges retreats"),
        ("Goalkeeper dives and saves the shot", "dives saves"),
        ("both players jump, then land", "jumps lands"),
        ("I kneel and then I get up.", "kneels gets"),
        ("we hop twice, then we laugh", "hops laughs"),
        ("You sit down, you stretch and you yawn.", "sits stretches yawns"),
        ("I'm crawling and then I stop to rest", "crawls stops"),
        ("they'll bow, then they'll leave", "bows leaves"),
        ("Somebody sneezed, wiped his nose and sighed.", "sneezes wipes sighs"),
        # acts named in a row
        ("the boxer throws a jab, a cross and a hook", "jab cross hook"),
        ("low block, front kick, side kick", "block front side"),
        ("he performs a squat, a lunge and a jump", "squat lunge jump"),
        # events inside clauses, passives
        ("the man is shoved, so he stumbles", "shoved stumbles"),
        ("a robot is pushed so that it falls over", "pushed falls"),
        ("she walks when she gets hit from behind", "walks hit"),
        ("he is tripped, gets up and is pushed again", "tripped gets pushed"),
        # ellipsis
        ("the figure hops to the left and then to the right", "left right"),
        ("a girl takes two steps forward, then three back", "two three"),
        ("lifts their left arm, then their right", "left right"),
    ],
)
def test_commands_subjects_and_clauses(caption: str, expected: str) -> None:
    assert_told(caption, expected)


@pytest.mark.parametrize(
    "caption",
    [
        "smiling, the woman waves",
        "limping slowly, he crosses the room",
        "Holding a tray, the waiter walks across the floor.",
        "during the walk the person waves",
        "a person is standing still, appearing to wait",
        "a dancer is walking in a circle, starting with the left foot",
        "the figure stands and waves",
        "a person repeatedly raises and drops both arms",
        "he lifts both arms until they are level",
        "a person leans on a table and holds up one hand",
        "he bends so that his hands reach his toes",
    ],
)
def test_manner_and_states_are_no_event_of_their_own(caption: str) -> None:
    assert len(RULES.split(caption).events) == 1


@pytest.mark.parametrize(
    ("caption", "kept"),
    [
        ("the man does not move", "not"),
        ("a person isn't walking", "not"),
        ("she never sits", "never"),
    ],
)
def test_a_negation_stays(caption: str, kept: str) -> None:
    assert kept in re.findall(r"[a-z]+", RULES.split(caption).events.texts[0])


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("She whistles, and, after a short pause, keeps walking.", "whistles pause keeps"),
        ("He stumbles but, before falling, grabs the rail.", "stumbles grabs falls"),
        ("As soon as the whistle blows, the swimmer dives in.", "blows dives"),
        ("not before she bows does the pianist sit", "bows sits"),
        ("A person jumps, but not before crouching.", "crouches jumps"),
        ("They walk in, sit down, and later stand up again.", "walks sits stands"),
        ("Walk to the door. Open it. Leave.", "walks opens leaves"),
        ("first squat, then lunge, finally stretch", "squats lunges stretches"),
        ("We're sneaking along the wall; suddenly we freeze.", "sneaks freezes"),
        ("run jump roll", "runs jumps rolls"),
        ("jab, jab, cross, hook", "jabs jabs crosses hooks"),
        ("Could the robot bend down and pick that up?", "bends picks"),
        ("Why does the woman sit down and cry?", "sits cries"),
        ("The ball bounces twice and stops.", "bounces stops"),
        ("He was hit by a ball and fell to the ground.", "hit falls"),
        ("The dancer is lifted up, spun around and put down.", "lifted spun put"),
        ("The woman is reading when the phone rings.", "reads rings"),
        ("A person did not sit down but remained standing.", "remains"),
        ("she can't reach the shelf, so she jumps", "reach jumps"),
        ("a man walks without stopping and never looks back", "walks never"),
        ("no longer running, she walks and stops", "longer stops"),
        ("he slips and therefore falls", "slips falls"),
        ("a gymnast spins and then stumbles after the spin", "spins stumbles"),
        ("the man is walking and turned right", "walks turns"),
        ("a person shakes step by step and kneels afterwards", "shakes kneels"),
        ("a girl does a split, a bridge and a handstand", "split bridge handstand"),
        ("a quick turn then two jumps", "turn jumps"),
        ("walks to the left turns around runs back", "walks turns runs"),
        ("someone walk forward turn left then sit", "walks turns sits"),
        ("the character draws a gun, aims, fires and reloads", "draws aims fires reloads"),
        ("Turning around, the thief sees the guard and runs.", "turns sees runs"),
    ],
)
def test_sentences_of_many_kinds(caption: str, expected: str) -> None:
    assert_told(caption, expected)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("the ball bounces twice, then stops", ("the ball bounces twice.", "the ball stops.")),
        ("the athlete jumps and lands", ("a person jumps.", "a person lands.")),
        ("standing person claps", ("standing person claps.",)),
        ("suddenly we freeze", ("a person suddenly freezes.",)),
        ("the man isn't walking", ("the man does not walk.",)),
        ("does a person sit and wave?", ("a person sits.", "a person waves.")),
    ],
)
def test_subjects_and_negations_as_they_are_written(caption: str, expected: tuple[str, ...]) -> None:
    assert RULES.split(caption).events.texts == expected
