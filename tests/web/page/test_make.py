"""Motions that are made on the page: what the reader writes, draws, plays and keeps. A server with a generator."""

import pytest
from story_server import served_stories

pytestmark = pytest.mark.slow

STORY = "?make=1&q=a person walks, claps, then bows"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served_stories(tmp_path_factory.mktemp("making") / "stories", "make") as place:
        yield place


@pytest.fixture
def making(visit):
    """Opens the tab with a sentence whose events are known."""

    def make(path=STORY, **settings):
        one = visit(**settings)
        one.page.goto(one.address + path)
        one.page.wait_for_selector("#lengths .end")
        return one

    return make


def seconds(one):
    return [float(words.split()[0]) for words in one.page.locator(".length .number").all_inner_texts()]


def made(one, count=4):
    one.page.locator("#make-it").click()
    one.page.wait_for_selector(f"#variants .card[data-id] >> nth={count - 1}")
    one.until("document.getElementById('making').hidden")
    one.until(f"[...chronomotion.stage.views].length >= {count}")


def times(one):
    return one.page.evaluate("[...chronomotion.stage.views].filter(v => !v.large).map(v => v.time)")


def test_the_tab_is_one_click_and_one_step_back(visit):
    one = visit()
    one.open("?q=claps")
    one.page.locator("#tabs a", has_text="Make").click()
    one.until("document.querySelectorAll('#variants .example').length == 3")
    assert one.page.locator("#ask").is_hidden()
    assert one.page.locator("#tabs [aria-current=page]").inner_text() == "Make"
    one.page.locator("#variants .example").first.click()
    one.page.wait_for_selector("#lengths .end")
    assert "make=1&q=a+person+walks" in one.page.url
    one.page.go_back()
    one.page.wait_for_selector("#results .card[data-id]")
    assert one.page.input_value("#query") == "claps"
    one.page.locator("#tabs a", has_text="Make").click()
    one.page.wait_for_selector("#lengths .end")  # as it was left


def test_a_sentence_becomes_events_with_lengths(making):
    one = making("?make=1&q=a person walks")
    assert seconds(one) == [2.6]
    one.page.fill("#wish", "a person walks, claps, then bows")
    one.until("document.querySelectorAll('.length').length == 3")
    assert one.page.locator(".length .name").all_inner_texts() == ["walks", "claps", "bows"]
    assert one.page.locator("#total").inner_text() == "7.8 s in all"
    one.page.fill("#wish", "")
    one.until("document.getElementById('plan').hidden")
    assert one.page.locator("#make-it").is_disabled()


def test_events_are_text(making):
    one = making("?make=1&q=x&event=<img src=x onerror=alert(1)>&event=a person bows")
    assert one.page.locator(".length .name").all_inner_texts() == ["<img src=x onerror=alert(1)>", "bows"]
    assert one.page.locator("#make img").count() == 0


def test_a_length_is_drawn_with_the_mouse_and_with_keys(making):
    one = making()
    end = one.page.locator(".end").nth(0).bounding_box()
    row = one.page.locator("#lengths").bounding_box()
    one.page.mouse.move(end["x"] + 10, end["y"] + 20)
    one.page.mouse.down()
    one.page.mouse.move(end["x"] + 10 + row["width"] / 10, end["y"] + 20, steps=5)
    one.page.mouse.up()
    assert seconds(one) == [3.6, 2.6, 2.6]  # the row is 10.14 s long, and lengths are multiples of four frames
    assert one.page.locator("#total").inner_text() == "8.8 s in all"
    one.page.locator(".end").nth(1).focus()
    for key in ("ArrowRight", "ArrowRight", "PageDown"):
        one.page.keyboard.press(key)
    assert seconds(one) == [3.6, 2.0, 2.6]
    assert one.page.locator(".end").nth(1).get_attribute("aria-valuenow") == "2.0"
    one.until("document.getElementById('spoken').textContent == '8.2 seconds in all'")
    one.page.keyboard.press("End")  # as long as the generator can
    assert one.page.locator("#total").inner_text() == "12.0 s in all"
    one.page.keyboard.press("Home")
    assert seconds(one) == [3.6, 0.4, 2.6]
    assert "seconds=3.6%2C0.4%2C2.6" in one.page.url
    one.page.reload()
    one.page.wait_for_selector("#lengths .end")
    assert seconds(one) == [3.6, 0.4, 2.6]
    one.page.locator("#predicted").click()
    one.until("document.getElementById('predicted').hidden")
    assert seconds(one) == [2.6, 2.6, 2.6]
    assert "seconds" not in one.page.url


def test_a_length_is_drawn_by_touch(making):
    one = making(has_touch=True, viewport={"width": 390, "height": 844})
    end = one.page.locator(".end").nth(2).bounding_box()
    touch = one.page.context.new_cdp_session(one.page)
    for kind, by in (("touchStart", 0), ("touchMove", -20), ("touchMove", -40), ("touchEnd", None)):
        points = [] if by is None else [{"x": end["x"] + 8 + by, "y": end["y"] + 20}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert seconds(one)[2] < 2.6
    assert seconds(one)[:2] == [2.6, 2.6]


def test_a_length_goes_with_its_event(making):
    one = making()
    one.page.locator(".end").nth(0).focus()
    one.page.keyboard.press("PageUp")
    one.page.locator("#made-chips .grip").nth(0).focus()
    one.page.keyboard.press("ArrowRight")
    one.until("document.querySelector('.length .name').textContent == 'claps'")
    assert seconds(one) == [2.6, 3.6, 2.6]
    one.page.locator("#made-chips .remove").nth(0).click()
    one.until("document.querySelectorAll('.length').length == 2")
    assert seconds(one) == [3.6, 2.6]


def test_variants_are_made_played_and_kept(making):
    one = making("?make=1&q=a person walks, then maybe claps", reduced_motion="no-preference")
    made(one)
    assert "Every event was found in 2 of 4" in one.page.locator("#made-status").inner_text()
    assert "made=made-" in one.page.url
    cards = one.page.locator("#variants .card")
    assert cards.nth(0).locator(".segment.missing").count() == 1  # seed 1
    assert cards.nth(1).locator(".segment.missing").count() == 0
    assert "Seed 2, 2 of 2 events found, feet slide in 3 % of frames" in cards.nth(1).inner_text()
    one.until("[...chronomotion.stage.views].every(v => v.time > 0.2)", 60)
    one.page.locator("#play-all").click()
    assert one.page.locator("#play-all").inner_text() == "▶ Play all"
    box = cards.nth(0).locator(".bar").bounding_box()
    one.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 5)
    assert max(times(one)) - min(times(one)) < 1e-6  # who moves one moves all
    assert 1 < times(one)[0] < 5
    cards.nth(2).locator(".open").click()
    one.until("[...chronomotion.stage.views].some(v => v.large)")
    one.page.locator("#made-one .compare").select_option("Variant 4")
    one.until("[...chronomotion.stage.views].filter(v => v.large).length == 2")
    for kind, start in (("BVH", b"HIERARCHY"), ("GLB", b"glTF")):
        with one.page.expect_download() as file:
            one.page.locator("#made-one button", has_text=f"Download {kind}").click()
        assert file.value.suggested_filename == f"a_person_walks_a_person_maybe_claps-3.{kind.lower()}"
        assert file.value.path().read_bytes().startswith(start)
    one.page.reload()
    one.page.wait_for_selector("#variants .card[data-id] >> nth=3")  # it is still there
    one.page.locator("#variants .card .open").nth(1).click()
    one.page.locator("#made-one button", has_text="Motions like it").click()
    one.until("document.getElementById('like').innerText.includes('Motions like Variant 2')")
    assert one.page.locator("#make").is_hidden()
    one.page.wait_for_selector("#results .card[data-id]")


def test_the_keyboard_makes_and_looks(making):
    one = making("?make=1&q=a person walks&count=1")
    one.page.locator("body").press("/")
    assert one.page.evaluate("document.activeElement.id") == "wish"
    one.page.keyboard.press("Enter")
    one.page.wait_for_selector("#variants .card[data-id]")
    one.until("document.getElementById('spoken').textContent == '1 motion is made'")
    assert one.page.locator("#variants .card").count() == 1
    assert one.page.locator("#play-all").is_hidden()  # the reader wants no motion
    one.page.locator("#variants .open").focus()
    one.page.keyboard.press("Enter")
    one.until("document.activeElement.textContent == 'Variant 1'")
    one.page.keyboard.press("Escape")
    assert one.page.locator("#made-one").is_hidden()
    assert one.page.evaluate("document.activeElement.className") == "open"


def test_what_takes_long_can_be_stopped(making):
    one = making("?make=1&q=a person walks slowly")
    one.page.locator("#make-it").click()
    one.page.wait_for_selector("#variants .card[data-id]")
    assert one.page.locator("#made-status").inner_text() == "1 of 4 made"
    assert one.page.locator("#variants .waiting").count() == 3
    one.page.locator("#stop").click()
    one.page.wait_for_selector(".say h2:has-text('Stopped')")
    assert one.page.locator("#making").is_hidden()
    assert "made=" not in one.page.url


def test_errors_are_said_with_a_way_on(making):
    one = making("?make=1&q=a person never walks")
    one.page.locator("#make-it").click()
    one.page.wait_for_selector(".say:has-text('what never happens cannot be made')")
    one.page.fill("#wish", "walks, claps, bows, walks, claps, then bows")
    one.until("document.getElementById('plan-trouble').innerText.includes('6 are too many')")
    assert one.page.locator("#make-it").is_disabled()
    one.page.fill("#wish", "a person walks")
    one.until("!document.getElementById('make-it').disabled")
    one.page.route("**/api/generate", lambda route: route.abort())
    one.page.locator("#make-it").click()
    one.page.wait_for_selector(".say:has-text('The server does not answer')")
    one.page.unroute("**/api/generate")
    one.page.locator(".say button").click()
    one.page.wait_for_selector("#variants .card[data-id]")
    one.page.goto(one.address + "?make=1&q=a person walks&made=made-gone")
    one.page.wait_for_selector(".say h2:has-text('no longer there')")
    assert "made=" not in one.page.url
    for words in ("422", "ERR_FAILED", "404"):
        one.forgive(words)


@pytest.mark.parametrize(
    "settings", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}]
)
def test_everyone_can_make(visit, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

    def check(state):
        rows = [
            (row["id"], [node["html"][:100] for node in row["nodes"]])
            for row in axe.Axe().run(one.page).response["violations"]
        ]
        assert rows == [], state
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    one = visit(**settings)
    one.open("?make=1")
    check("welcome")
    one.page.locator(".example").first.click()
    one.page.wait_for_selector("#lengths .end")
    one.page.locator("#settings summary").click()
    check("plan")
    made(one)
    check("made")
    one.page.locator("#variants .open").first.click()
    one.until("[...chronomotion.stage.views].some(v => v.large)")
    check("selected")
