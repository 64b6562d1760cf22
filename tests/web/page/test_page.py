"""What a reader does on the page, in Debian's Chromium with software rendering."""

import pytest

pytestmark = pytest.mark.slow

STORY = "a person walks, claps, bows"


def test_typing_finds_clips_with_their_events(visit):
    one = visit()
    one.open()
    one.search(STORY)
    assert one.names()[0] == "walk_clap_bow_01"
    assert one.chips() == ["a person walks", "claps", "bows"]
    assert "q=a+person+walks" in one.page.url
    first = one.page.locator(".card").first
    assert first.locator(".segment").count() == 3
    assert "2.9" in first.locator(".legend").inner_text()
    assert one.page.locator("#status").inner_text() == "3 good matches"
    assert one.page.locator(".line").count() == 1


def test_people_move(visit):
    one = visit(reduced_motion="no-preference")
    one.open("?q=" + STORY)
    one.until("chronomotion.stage.drawn > 2")
    box = one.page.locator(".card .screen").first.bounding_box()
    before = one.page.screenshot(clip=box)
    one.until(f"chronomotion.stage.drawn > {one.drawn() + 2}")
    assert one.page.screenshot(clip=box) != before


def test_nothing_moves_where_the_reader_wants_it_so(visit):
    one = visit()
    one.open("?q=" + STORY)
    one.until("chronomotion.stage.drawn > 0")
    one.page.wait_for_timeout(1500)
    drawn, box = one.drawn(), one.page.locator(".card .screen").first.bounding_box()
    before = one.page.screenshot(clip=box)
    one.page.wait_for_timeout(1500)
    assert one.drawn() == drawn
    assert one.page.screenshot(clip=box) == before


def test_a_dragged_chip_changes_order_and_ranking(visit):
    one = visit()
    one.open("?q=" + STORY)
    one.idle()
    chips = one.page.locator(".chip")
    start, end = chips.nth(2).locator(".grip").bounding_box(), chips.nth(0).bounding_box()
    one.page.mouse.move(start["x"] + 5, start["y"] + 10)
    one.page.mouse.down()
    one.page.mouse.move(end["x"] + 30, end["y"] + 10, steps=8)
    one.page.mouse.up()
    one.idle()
    assert one.chips() == ["bows", "a person walks", "claps"]
    assert one.names()[0] != "walk_clap_bow_01"
    assert one.page.url.count("event=") == 3


def test_a_chip_moves_with_the_keyboard_and_says_so(visit):
    one = visit()
    one.open("?q=" + STORY)
    one.idle()
    one.page.locator(".chip .grip").nth(0).focus()
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("ArrowRight")
    one.until("document.getElementById('spoken').textContent.includes('event 3 of 3')")
    one.idle()
    assert one.chips() == ["claps", "bows", "a person walks"]
    assert one.page.evaluate("document.activeElement.className") == "grip"


def test_chips_are_edited_added_and_removed(visit):
    one = visit()
    one.open("?q=a person walks, claps")
    one.idle()
    one.page.locator(".chip .words").nth(1).click()
    one.page.keyboard.type("squats")
    one.page.keyboard.press("Enter")
    one.idle()
    assert one.names()[0] == "walk_squat_04"
    one.page.locator(".add").click()
    one.page.keyboard.type("bows")
    one.page.keyboard.press("Enter")
    one.idle()
    assert one.chips() == ["a person walks", "squats", "bows"]
    one.page.locator(".chip .remove").nth(2).click()
    one.idle()
    assert one.chips() == ["a person walks", "squats"]


def test_the_dial_turns(visit):
    one = visit()
    one.open("?q=squats, a person walks")
    one.idle()
    assert one.names()[0] == "squat_walk_05"
    one.page.locator("#dial").focus()
    one.page.keyboard.press("Home")
    one.idle()
    assert one.page.locator("#dial-says").inner_text() == "any order"
    assert one.names()[0] == "walk_squat_04"  # of equal ones the first
    assert "order=0" in one.page.url


def test_the_bar_moves_the_playhead(visit):
    one = visit()
    one.open("?q=" + STORY)
    one.page.locator(".card .open").first.click()
    one.until("!document.getElementById('selected').hidden")
    bar = one.page.locator("#selected .bar")
    box = bar.bounding_box()
    one.page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 5)
    assert float(bar.get_attribute("aria-valuenow")) == pytest.approx(8.3 / 2, abs=0.15)
    bar.focus()
    one.page.keyboard.press("End")
    assert float(bar.get_attribute("aria-valuenow")) > 8
    assert "bows" in bar.get_attribute("aria-valuetext")


def test_back_returns_to_the_same_place(visit):
    one = visit()
    one.open("?q=a person walks")
    one.idle()
    one.page.locator(".card .open").nth(8).scroll_into_view_if_needed()
    before = one.names()
    scroll = one.page.evaluate("scrollY")
    assert scroll > 0
    one.page.locator(".card .open").nth(8).click()
    one.until("location.search.includes('clip=')")
    one.page.go_back()
    one.until("document.getElementById('selected').hidden")
    assert one.names() == before
    assert abs(one.page.evaluate("scrollY") - scroll) < 40


def test_an_address_brings_back_all(visit):
    one = visit()
    one.open("?event=bows&event=claps&order=1.5&sort=name&clip=2&t=3.0")
    one.until("!document.getElementById('selected').hidden")
    assert one.chips() == ["bows", "claps"]
    assert one.page.locator("#dial").input_value() == "1.5"
    assert one.names()[0].startswith("bow_clap")
    assert one.page.locator("#selected h2").inner_text() == "bow_clap_walk_02"


def test_a_caption_is_text(visit):
    one = visit()
    one.open("?q=a person walks")
    one.idle()
    assert "<img src=x onerror" in one.page.locator("#results").inner_text()
    assert one.page.title().endswith("Chronomotion")


def test_a_file_is_a_query(visit, tmp_path):
    from story_library import StoryLibrary

    from chronomotion.motion.formats import write_motion

    library = StoryLibrary(tmp_path / "again")
    write_motion(library.motions[9], tmp_path / "mine.bvh")
    one = visit()
    one.open()
    one.page.set_input_files("#file", str(tmp_path / "mine.bvh"))
    one.page.wait_for_selector("#like:not([hidden])")
    one.idle()
    assert one.page.locator("#like").inner_text().startswith("Motions like mine")
    assert one.names()[0] == "bow_jump_09"


def test_a_bad_file_says_why(visit, tmp_path):
    (tmp_path / "not.bvh").write_text("HIERARCHY\nnothing")
    one = visit()
    one.open()
    one.page.set_input_files("#file", str(tmp_path / "not.bvh"))
    one.page.wait_for_selector(".say h2:has-text('not.bvh cannot be read')")
    one.forgive("422")


def test_why_this_order(visit):
    one = visit()
    one.open("?q=" + STORY)
    one.page.locator(".card .open").first.click()
    one.page.locator(".why summary").click()
    one.page.wait_for_selector(".orders li")
    assert one.page.locator(".orders li").count() == 6
    assert one.page.locator(".orders li").first.get_attribute("class") == "asked"


def test_older_answers_never_come_last(visit):
    """The answer to the first query is held back until the second one has been shown."""
    one = visit()
    one.open()
    held = []
    one.page.route("**/api/search?q=claps*", lambda route: held.append(route))
    one.page.fill("#query", "claps")
    one.page.wait_for_timeout(500)
    one.search("a person walks, squats")
    for route in held:
        route.continue_()
    one.page.wait_for_timeout(500)
    assert held
    assert one.names()[0] == "walk_squat_04"


def test_a_phone_does_not_scroll_sideways(visit):
    one = visit(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    one.open("?q=" + STORY)
    one.idle()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    one.page.locator(".card .open").first.click()
    one.until("!document.getElementById('selected').hidden")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_everything_with_the_keyboard(visit):
    one = visit()
    one.open()
    one.page.keyboard.press("/")
    one.page.keyboard.type("jumps, kneels")
    one.idle()
    one.page.keyboard.press("Enter")
    one.page.keyboard.press("ArrowRight")
    assert one.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Open")
    one.page.keyboard.press("Enter")
    one.until("!document.getElementById('selected').hidden")
    one.page.keyboard.press("Space")
    assert one.page.locator("#selected .play").inner_text() == "❚❚"
    one.page.keyboard.press("Space")
    assert one.page.locator("#selected .play").inner_text() == "▶"
    one.page.keyboard.press("Escape")
    one.until("document.getElementById('selected').hidden")
    one.page.keyboard.press("?")
    assert one.page.locator("#keys").is_visible()


def test_the_server_goes_away(visit):
    one = visit()
    one.open()
    one.page.route("**/api/search*", lambda route: route.abort())
    one.page.fill("#query", "claps")
    one.page.wait_for_selector(".say h2:has-text('That did not work')")
    assert "chronomotion serve" in one.page.locator(".say").inner_text()
    one.page.unroute("**/api/search*")
    one.page.locator(".say button").click()
    one.page.wait_for_selector(".card[data-id]")
    one.forgive("ERR_FAILED")
