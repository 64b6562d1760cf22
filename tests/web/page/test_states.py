"""What the page says when there is no list, or a file, or a token; and that everyone can use it in every state."""

import pytest

pytestmark = pytest.mark.slow

STORY = "a person walks, claps, bows"
UPLOAD = {
    "id": "2", "name": "dog", "duration": 1.4, "frames": 28, "fps": 20.0,
    "notes": ["four legs: <b>is this an animal?</b>"],
    "reading": {"format": "BVH", "rig": "custom", "frames": 40, "fps": 30.0, "fps_from": "file", "unit": "cm",
                "unit_from": "skeleton", "up": "z", "up_from": "body"},
}  # fmt: skip


def test_an_example_is_a_click(visit):
    one = visit()
    one.open()
    assert one.page.locator(".example").count() == 3
    assert one.page.locator("#tabs").is_hidden()  # nothing makes motions here
    one.page.locator(".example").first.click()
    one.page.wait_for_selector(".chip")
    one.idle()
    assert one.names()[0] == "walk_squat_04"
    one.page.go_back()
    one.page.wait_for_selector(".example")


def test_filters_and_sorting(visit):
    one = visit()
    one.open("?q=a person walks")
    one.page.locator("#more summary").click()
    one.page.fill("#where", "squat")
    one.until("document.querySelectorAll('.card[data-id]').length == 5")
    one.page.select_option("#sort", "name")
    one.until("location.search.includes('sort=name')")
    one.idle()
    assert one.names() == sorted(one.names())
    one.page.fill("#where", "no such clip")
    one.page.wait_for_selector(".say h2:has-text('The filter leaves nothing')")
    one.page.locator(".say button").click()
    one.until("document.querySelectorAll('.card[data-id]').length > 5")


def test_what_the_reader_says_of_a_file(visit, tmp_path):
    """The answer is made up: what it says are words of a file of somebody else."""
    (tmp_path / "dog.bvh").write_text("HIERARCHY")
    one = visit()
    one.open()
    one.page.route("**/api/motions", lambda route: route.fulfill(json=UPLOAD))
    one.page.set_input_files("#file", str(tmp_path / "dog.bvh"))
    one.page.wait_for_selector("#like:not([hidden])")
    words = one.page.locator("#like").inner_text()
    assert "40 frames at 30 a second (the file says so); unit cm (by the size of the skeleton)" in words
    assert "z up (by how the body stands)" in words
    assert "four legs: <b>is this an animal?</b>" in words


def test_a_token_is_asked_for(visit):
    def answer(route):
        if route.request.headers.get("authorization") == "Bearer right":
            route.continue_()
        else:
            route.fulfill(status=401, json={"title": "no token"})

    one = visit()
    one.page.route("**/api/**", answer)
    one.open()
    one.page.fill("#token", "wrong")
    one.page.keyboard.press("Enter")
    one.page.wait_for_selector("text=That is not it")
    one.page.fill("#token", "right")
    one.page.keyboard.press("Enter")
    one.page.wait_for_selector(".example")
    one.forgive("401")


def _welcome(one):
    one.page.wait_for_selector(".card[data-id]")


def _nothing_left(one):
    one.page.locator("#more summary").click()
    one.page.fill("#where", "no such clip")
    one.page.wait_for_selector(".say h2:has-text('The filter leaves nothing')")


def _absent(one):
    one.search("a dog swims")


def _why(one):
    one.page.goto(one.address + "?q=" + STORY)
    one.page.wait_for_selector(".card[data-id]")
    one.select()
    one.page.locator("#selected .legend button").first.click()
    one.page.select_option(".compare", index=1)
    one.page.locator(".why summary").click()
    one.page.wait_for_selector(".orders li")


def _keys(one):
    one.page.keyboard.press("Escape")
    one.page.locator("#help").click()


def _gone(one):
    one.page.keyboard.press("Escape")
    one.page.route("**/api/search*", lambda route: route.abort())
    one.page.fill("#query", "claps")
    one.page.wait_for_selector(".say h2:has-text('That did not work')")
    one.forgive("ERR_FAILED")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_it(visit, scheme):
    """No violation that axe-core finds in any state: contrast, names, roles, order."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    one = visit(color_scheme=scheme)
    one.open()
    for state in (_welcome, _nothing_left, _absent, _why, _keys, _gone):
        state(one)
        violations = axe.Axe().run(one.page).response["violations"]
        rows = [(row["id"], [node["html"][:100] for node in row["nodes"]]) for row in violations]
        assert rows == [], state.__name__
    one.forgive("ERR_FAILED")
