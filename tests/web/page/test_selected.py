"""The selected clip: parts of it, another one beside it, its file, and searching with what is marked."""

import pytest

pytestmark = pytest.mark.slow

STORY = "a person walks, claps, bows"


@pytest.fixture
def one(visit):
    """The page with the clip selected that shows the story."""
    one = visit()
    one.open("?q=" + STORY)
    one.select()
    return one


def test_a_part_is_marked_with_the_mouse_and_searched_with(one):
    box = one.page.locator("#selected .bar").bounding_box()
    one.page.keyboard.down("Shift")
    one.page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 5)
    one.page.mouse.down()
    one.page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 5, steps=5)
    one.page.mouse.up()
    one.page.keyboard.up("Shift")
    words = one.page.locator(".like-part").inner_text()
    assert words == "More like 2.1 to 6.2 s"
    one.page.locator(".like-part").click()
    one.page.wait_for_selector("#like:not([hidden])")
    one.idle()
    assert one.page.locator("#like strong").inner_text() == "Motions like walk_clap_bow_01, 2.1 to 6.2 s"
    assert "start=2." in one.page.url
    one.page.go_back()
    one.until("!document.getElementById('selected').hidden")
    assert one.chips() == ["a person walks", "claps", "bows"]


def test_a_part_is_marked_with_the_keyboard(one):
    one.page.locator("#selected .bar").focus()
    one.page.keyboard.press("Home")
    for _ in range(3):
        one.page.keyboard.press("Shift+PageUp")
    assert one.page.locator(".like-part").inner_text() == "More like 0.0 to 3.0 s"
    one.until("document.getElementById('spoken').textContent === 'Marked: 0.0 to 3.0 s'")
    one.page.keyboard.press("ArrowRight")
    assert not one.page.locator(".like-part").is_visible()


def test_an_event_is_played_again_and_again(visit):
    one = visit(reduced_motion="no-preference")
    one.open("?q=" + STORY)
    one.select()
    one.page.locator("#selected .legend button").nth(1).click()
    assert one.page.locator("#selected .legend button[aria-pressed=true]").inner_text().startswith("claps")
    for _ in range(12):
        assert 2.85 <= one.times()[0] <= 5.95  # the claps
        one.page.wait_for_timeout(100)
    one.page.locator("#selected .legend button").nth(1).click()
    assert one.page.locator("#selected .legend button[aria-pressed=true]").count() == 0


def test_two_clips_meet_at_the_events(one):
    one.page.select_option(".compare", label="clap_walk_bow_03")
    one.until("[...chronomotion.stage.views].filter((view) => view.large).length == 2")
    assert "beside=3" in one.page.url
    bar = one.page.locator("#selected .bar")
    box = bar.bounding_box()
    length = float(bar.get_attribute("aria-valuemax"))
    starts = one.page.locator("#selected .legend .times").all_inner_texts()
    walks, bows = (float(starts[place].split("\N{EN DASH}")[0]) for place in (0, 2))
    other = [
        text.split("\N{EN DASH}")[0] for text in one.page.locator("[data-id='3'] .legend .times").all_inner_texts()
    ]
    for mine, theirs in ((walks, float(other[0])), (bows, float(other[2]))):
        one.page.mouse.click(box["x"] + mine / length * box["width"], box["y"] + 5)
        if mine:  # at 0 both clips are at the first knot
            assert one.times()[1] == pytest.approx(theirs, abs=0.2)
    one.page.reload()
    one.until("[...chronomotion.stage.views].filter((view) => view.large).length == 2")
    assert one.page.locator(".compare").input_value() == "3"


def _starts(one, place):
    """When each event of a clip starts, as its legend says."""
    return [
        float(text.split("\N{EN DASH}")[0]) for text in one.page.locator(f"{place} .legend .times").all_inner_texts()
    ]


def test_the_view_turns_with_keys(one):
    screen = one.page.locator("#selected .screen")
    screen.focus()
    drawn = one.drawn()
    before = one.page.screenshot(clip=screen.bounding_box())
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("+")
    one.until(f"chronomotion.stage.drawn > {drawn}")
    assert one.page.screenshot(clip=screen.bounding_box()) != before


def test_the_path_is_copied(visit):
    one = visit(permissions=["clipboard-read", "clipboard-write"])
    one.open("?q=" + STORY)
    one.select()
    one.page.locator(".copy").click()
    one.page.wait_for_selector(".copy:has-text('Copied')")
    assert one.page.evaluate("navigator.clipboard.readText()") == "takes/walk_clap_bow_01.bvh"


def test_the_file_comes_down(one):
    with one.page.expect_download() as file:
        one.page.locator("text=Download BVH").click()
    assert file.value.suggested_filename == "walk_clap_bow_01.bvh"
    assert file.value.path().read_text().startswith("HIERARCHY")


def test_nothing_is_drawn_while_nothing_changes_or_nobody_looks(visit):
    one = visit(reduced_motion="no-preference")
    one.open("?q=jumps")
    one.until("chronomotion.stage.drawn > 3")
    hide = "Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {}}});"
    one.page.evaluate(hide.format("true") + "document.dispatchEvent(new Event('visibilitychange'))")
    one.page.wait_for_timeout(300)
    drawn = one.drawn()
    one.page.wait_for_timeout(700)
    assert one.drawn() == drawn
    one.page.evaluate(hide.format("false") + "document.dispatchEvent(new Event('visibilitychange'))")
    one.until(f"chronomotion.stage.drawn > {drawn}")
