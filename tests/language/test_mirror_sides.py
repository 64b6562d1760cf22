""" "right" as just and as correct, "left" as gone and as what remains, against the two sides."""

from __future__ import annotations

import pytest

from chronomotion.language.mirror import mirrored

NO_SIDES = """
a person walks right up to the wall and touches it
someone runs right up against the fence
he crawls right up to the dog
a man jogs right past the bench
the woman runs right through the doorway
a person falls right into the pit
he jumps right off the box
a dancer walks right beside her partner
a person stands right there and waits
a man sits down right here
she stops right where she began
a person looks right at the camera
he stares right at the ceiling and blinks
a boxer punches right at the bag
someone claps right as the ball lands
he kneels right when the music stops
a person jumps right after landing
a man runs right before the whistle
the person sits right in the middle of the mat
a person stands right behind the chair
he puts it right back on the shelf
a person bends right back down
a man does it right this time
a person lies right side up
everything seems right, so they bow
the person walks back at the right speed
he waits for the right moment and strikes
a person lifts the bars to the right height
a person takes the right number of steps
a child spins right away
the man gets up right now
it is all right, he waves
the path makes a right angle
a person stands upright
he picks up what is left
a person throws what was left away
there is nothing left on the table
he has no energy left and sits
a man with little strength left crawls
the only thing that is left is a chair
he clears what is left over
a person left the stage
he left
the man waves, then bows and left the room
she left quickly
someone left for a moment
a person who left returns
they left early and come back
he goes on where he left off
a person has left.
his foot left the ground
the ball left his field
the box is left standing in the hall
the door is left open
the person is left without a partner
a man is left alone
a cup is left on the floor
the chair is left behind
there is something left to do
everything left is carried off
""".strip().splitlines()

SIDES = """
a person turns left|a person turns right
he turns right at the corner|he turns left at the corner
a man steps right past the box|a man steps left past the box
a person leans right as he walks|a person leans left as he walks
a person walks to the right of the chair|a person walks to the left of the chair
he looks to his left|he looks to his right
he looks left, then right|he looks right, then left
a person raises the left hand up to the chin|a person raises the right hand up to the chin
the right foot leads|the left foot leads
she kicks with her right|she kicks with her left
a person stands left of the door|a person stands right of the door
a left-handed throw|a right-handed throw
someone veers right and stops|someone veers left and stops
a man slides left across the floor|a man slides right across the floor
the person moves something left|the person moves something right
his left is up, his right is down|his right is up, his left is down
a person walks in a circle to he left|a person walks in a circle to he right
he puts his left foot behind his right|he puts his right foot behind his left
a quick step left, then a bow|a quick step right, then a bow
a person shuffles right, right, left|a person shuffles left, left, right
the leftmost box is lifted|the rightmost box is lifted
a man swings his right arm past the left knee|a man swings his left arm past the right knee
he hops on the left and on the right|he hops on the right and on the left
he makes a sharp right after the door|he makes a sharp left after the door
a person walks diagonally right up a ramp|a person walks diagonally left up a ramp
""".strip().splitlines()


@pytest.mark.parametrize("text", NO_SIDES)
def test_no_side_is_meant(text: str) -> None:
    assert mirrored(text) == text


@pytest.mark.parametrize("pair", SIDES)
def test_a_side_is_meant(pair: str) -> None:
    text, other = pair.split("|")
    assert mirrored(text) == other
    assert mirrored(other) == text


@pytest.mark.parametrize("text", NO_SIDES)
def test_the_same_words_with_the_other_side_come_back(text: str) -> None:
    other = text.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
    assert mirrored(mirrored(other)) == other
