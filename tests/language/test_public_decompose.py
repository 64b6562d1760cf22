"""The public function for captions, as a stranger first calls it."""

import chronomotion


def test_one_caption_or_several():
    made = chronomotion.decompose("after turning around, a person sits down")
    assert made.events.texts == ("a person turns around.", "a person sits down.")
    both = chronomotion.decompose(["a person walks.", "a person waves, then bows."])
    assert [len(one.events) for one in both] == [1, 2]
