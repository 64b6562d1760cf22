"""Files that are added to the library on the page; a server of its own, whose library grows."""

import pytest
from story_server import served_stories

pytestmark = pytest.mark.slow

DROP = """([part, files]) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name));
    const at = (target, kind) => target.dispatchEvent(
        new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    at(document.body, "dragenter");
    const words = [...document.querySelectorAll("#drop .part")].map((each) => each.innerText);
    const target = document.querySelectorAll("#drop .part")[part];
    at(target, "dragover");
    const over = target.classList.contains("over");
    at(target, "drop");
    return { words, over, hidden: document.getElementById("drop").hidden };
}"""

BUSY = {
    "id": "1", "name": "later", "library": "stories", "state": "failed", "duration": 1.4, "notes": [], "clip": None,
    "clip_name": None, "is_new": True, "problem": "another program is changing stories: try again when it has finished",
    "reading": {"format": "bvh", "rig": "custom", "frames": 40, "fps": 30.0, "fps_from": "file", "unit": "cm",
                "unit_from": "skeleton", "up": "z", "up_from": "body"},
}  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served_stories(tmp_path_factory.mktemp("growing") / "stories") as place:
        yield place


@pytest.fixture(scope="module")
def walk(address, tmp_path_factory):
    """A motion file as text."""
    import urllib.request

    return urllib.request.urlopen(address + "api/clips/14/file", timeout=60).read().decode()


def settled(one, place=0, state="done"):
    one.page.wait_for_selector(f".adding >> nth={place}")
    one.until(f"document.querySelectorAll('.adding')[{place}].dataset.state == '{state}'", 60)
    return one.page.locator(".adding").nth(place)


def test_a_dropped_file_is_added_and_found(visit, walk):
    one = visit()
    one.open()
    clips = int(one.page.locator("#facts").inner_text().split()[1])
    said = one.page.evaluate(DROP, [1, [["my walk.bvh", walk]]])
    assert [words.split("\n")[0] for words in said["words"]] == ["Search with it", "Add to the library"]
    assert said["over"]
    assert said["hidden"]
    row = settled(one)
    assert "is in stories now, as my_walk" in row.inner_text()
    assert one.page.locator("#facts").inner_text().startswith(f"stories: {clips + 1} clips")
    row.locator("summary").click()
    assert "at 20 a second (the file says so)" in row.inner_text()
    one.until("document.querySelector('.card h2').innerText.includes('my_walk')")  # the newest
    row.locator("text=Show it").click()
    one.until("document.querySelector('#selected h2').innerText == 'my_walk'")
    row.locator("text=Motions like it").click()
    one.until("document.getElementById('like').innerText.includes('Motions like my_walk')")
    row.locator(".dismiss").click()
    assert one.page.locator(".adding").count() == 0


def test_several_files_one_of_them_broken(visit, walk):
    one = visit()
    one.open()
    one.page.evaluate(DROP, [1, [["a.bvh", walk], ["broken.bvh", "HIERARCHY"], ["<img src=x>.bvh", walk]]])
    assert "is in stories now, as a" in settled(one, 0).inner_text()
    failed = settled(one, 1, "failed")
    assert "was not added: broken.bvh" in failed.inner_text()
    assert failed.locator("button").count() == 1  # to try again would not help
    last = settled(one, 2)
    assert last.locator("strong").inner_text() == "<img src=x>.bvh"
    assert last.locator("img").count() == 0
    assert "is in stories now, as img_src_x" in last.inner_text()
    one.forgive("422")


def test_a_file_that_was_searched_with_is_added_by_the_keyboard(visit, walk, tmp_path):
    (tmp_path / "mine.bvh").write_text(walk)
    one = visit()
    one.open()
    one.page.set_input_files("#file", str(tmp_path / "mine.bvh"))
    one.page.wait_for_selector(".add-it")
    one.page.locator(".add-it").focus()
    one.page.keyboard.press("Enter")
    assert "is in stories now, as mine" in settled(one).inner_text()
    one.until("document.getElementById('spoken').textContent.includes('is in stories now')")


def test_what_cannot_be_added_now_can_be_tried_again(visit, walk, tmp_path):
    (tmp_path / "later.bvh").write_text(walk)
    one = visit()
    one.open()
    one.page.route("**/api/additions*", lambda route: route.fulfill(status=202, json=BUSY))
    one.page.set_input_files("#added", str(tmp_path / "later.bvh"))
    row = settled(one, 0, "failed")
    assert "another program is changing stories" in row.inner_text()
    one.page.unroute("**/api/additions*")
    row.locator("button:has-text('Try again')").click()
    assert "in stories" in settled(one).inner_text()


@pytest.mark.parametrize("settings", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
def test_everyone_can_add(visit, walk, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    one = visit(**settings)
    one.open()
    one.page.evaluate(DROP, [1, [["x.bvh", walk], ["broken.bvh", "HIERARCHY"]]])
    settled(one, 0)
    settled(one, 1, "failed").locator("button").first.focus()
    assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe.Axe().run(one.page).response["violations"] == []
    one.page.evaluate(DROP.replace('at(target, "drop");', ""), [0, [["x.bvh", ""]]])
    assert axe.Axe().run(one.page).response["violations"] == []
    assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    one.page.mouse.move(50, 50)  # let go elsewhere
    one.until("document.getElementById('drop').hidden")
    one.forgive("422")
