"""The front end in Chromium, before the real service: in Lambda, as a task, and while traffic moves between them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict
from runtimes import ROOT, Client, behind_edge, function, loop, task, waited_for
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from dev.awslambda.front_doors import FrontDoor
from dev.edge import Origin
from preflight.stackfile import load
from settings import Settings, parse

SITE = ROOT / "site"


class Points:
    """An origin that can be another one from one request to the next, as when traffic moves."""

    def __init__(self, **sides: Origin) -> None:
        self.sides, self.at = sides, next(iter(sides))
        self.delay = 0.0

    async def answer(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse:
        if self.at == "nobody":
            return web.Response(status=502, text="Bad Gateway")
        return await self.sides[self.at].answer(request, headers)


def settings() -> Settings:
    return parse(load(ROOT, "dev").config)[0]


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[tuple[Points, str]]:
    with ExitStack() as stack:
        serving = stack.enter_context(loop())
        ecs = {"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4"}
        container, _ = stack.enter_context(task(serving, tmp_path_factory.mktemp("task"), **ecs))
        folder = tmp_path_factory.mktemp("function")
        shared = {"DB_URL": f"sqlite:///{folder}/shared.db"}  # as a database would be, for all environments
        made = stack.enter_context(function(serving, folder, behind="functionUrl", concurrency=4, **shared))
        points = Points(container=container, serverless=FrontDoor("functionUrl", made))
        most = settings().service.max_body_mb * 2**20
        port = stack.enter_context(behind_edge(serving, points, site=SITE, max_body_bytes=most))
        yield points, f"http://127.0.0.1:{port}"


@pytest.fixture
def at() -> str:
    """Where the traffic is when the page is opened."""
    return "container"


@pytest.fixture
def page(browser, service, at) -> Iterator["Page"]:
    points, url = service
    points.at = at
    opened = Page(browser.driver, points, url)
    opened.open()
    yield opened
    assert opened.complaints() == []


class Page:
    """The page, as somebody uses it."""

    def __init__(self, browser: webdriver.Chrome, points: Points, url: str) -> None:
        self.browser, self.points, self.url = browser, points, url

    def open(self) -> None:
        self.browser.get_log("browser"), self.browser.get_log("performance")
        self.browser.get(self.url)
        self.until(lambda: self.text("#where") != "Asking…")
        self.until(lambda: self.text("#tasks .note") != "" or self.points.at == "nobody")

    def until(self, is_so: Callable[[], bool]) -> None:
        waited_for(is_so, 15, every=0.05)

    def find(self, selector: str):
        return self.browser.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        return self.run(f"return document.querySelector({json.dumps(selector)}).textContent")

    def texts(self, selector: str) -> list[str]:
        return self.run(f"return [...document.querySelectorAll({json.dumps(selector)})].map(each => each.textContent)")

    def run(self, script: str):
        return self.browser.execute_script(script)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def pace(self, milliseconds: int) -> None:
        self.run(
            f"const pace = document.getElementById('pace'); pace.value = '{milliseconds}';"
            "pace.dispatchEvent(new Event('change'))"
        )

    def complaints(self) -> list[str]:
        """What the browser wrote to its console; that an answer was none is what some tests are about."""
        lines = [each["message"] for each in self.browser.get_log("browser")]
        return [each for each in lines if "Failed to load resource" not in each]

    def asked(self) -> list[str]:
        """Every address that was asked for something."""
        messages = [json.loads(each["message"])["message"] for each in self.browser.get_log("performance")]
        sent = (each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent")
        return [url for url in sent if not url.startswith(("data:", "blob:"))]


@pytest.mark.parametrize(("at", "title"), [("container", "Served by Fargate"), ("serverless", "Served by Lambda")])
def test_it_says_who_answers_and_how_fast(page, at, title):
    assert page.text("#where") == title
    assert page.text("#who").startswith("instance ")
    assert page.text("#last").endswith((" ms", " s"))
    assert page.text("#failed") == "0 of 1"
    assert page.run("return document.body.dataset.servedBy") == at


def test_it_asks_nobody_but_its_own_address(page):
    asked = page.asked()
    assert len(asked) > 5
    assert all(url.startswith(page.url) for url in asked)


def test_a_switch_is_shown_as_it_happens_and_what_it_cost(page):
    page.find("#title").send_keys("held", Keys.ENTER)
    page.until(lambda: page.texts("#tasks .list label") == ["held"])
    page.run("document.querySelector('#tasks .remove').focus()")
    page.pace(250)
    page.points.at = "serverless"
    page.until(lambda: page.text("#where") == "Served by Lambda")
    page.until(lambda: page.texts("#tasks .list label") == [])  # the other side knows of none
    assert page.run("return document.activeElement.id") == "title"  # a keyboard need not start over
    page.points.at = "nobody"
    page.until(lambda: page.text("#where").startswith("No answer: status 502"))
    page.points.at = "container"
    page.until(lambda: page.text("#where") == "Served by Fargate")
    second, first = page.texts("#switches li")
    assert first.endswith("Fargate → Lambda, no answer lost")
    assert "Lambda → Fargate, " in second
    assert second.endswith("failed")
    lost = int(page.text("#failed").partition(" of ")[0])
    assert f"{lost} answer" in second
    bars = page.run("return [...document.querySelectorAll('#bars li')].map(each => each.className)")
    assert {"container", "serverless", "failed"} == set(bars)
    assert "from Lambda" in page.text("#summary")
    page.until(lambda: page.texts("#tasks .list label") == ["held"])
    page.run("document.querySelector('#tasks .remove').focus()")
    page.run("document.dispatchEvent(new Event('switched'))")
    time.sleep(0.3)
    assert page.run("return document.activeElement.className") == "remove"
    page.press(Keys.ENTER)
    page.until(lambda: page.texts("#tasks .list label") == [])


@pytest.mark.parametrize("at", ["nobody"])
def test_what_was_not_there_at_first_comes_when_the_service_does(page):
    page.until(lambda: page.text("#tasks .problem") == page.text("#files .problem") == "status 502")
    page.pace(250)
    page.points.at = "container"
    page.until(lambda: "gone with it" in page.text("#tasks .note") and "gone with it" in page.text("#files .note"))
    assert not page.find("#tasks .problem").is_displayed()
    assert page.text("#most") == "up to 1 MB"


def test_it_can_be_paused_and_is_silent_then(page):
    page.pace(250)
    page.find("#pause").click()
    assert (page.text("#pause"), page.find("#pause").get_attribute("aria-pressed")) == ("Go on", "true")
    time.sleep(0.3)
    count = page.text("#failed")
    time.sleep(0.7)
    assert page.text("#failed") == count
    page.find("#pause").click()
    page.until(lambda: page.text("#failed") != count)


@pytest.mark.parametrize("at", ["container", "serverless"])
def test_tasks_are_made_done_and_removed_with_the_keyboard_alone(page, at):
    page.find("#title").send_keys("<img src=x onerror=alert(1)>", Keys.ENTER)
    page.until(lambda: page.texts("#tasks .list label") == ["<img src=x onerror=alert(1)>"])
    page.find("#title").send_keys("second", Keys.ENTER)
    page.until(lambda: page.texts("#tasks .list label") == ["second", "<img src=x onerror=alert(1)>"])
    page.press(Keys.TAB, Keys.TAB, Keys.SPACE)  # the button, then the first task
    page.until(lambda: page.run("return document.querySelectorAll('#tasks .done').length") == 1)
    assert page.run("return document.activeElement.type") == "checkbox"  # the focus is where it was
    page.press(Keys.TAB, Keys.ENTER)
    page.until(lambda: page.texts("#tasks .list label") == ["<img src=x onerror=alert(1)>"])
    page.press(Keys.TAB, Keys.ENTER)
    page.until(lambda: page.texts("#tasks .list label") == [])
    assert page.run("return document.activeElement.id") == "title"
    assert "gone with it" in page.text("#tasks .note")


def test_a_task_that_is_refused_is_told_why(page):
    page.find("#title").send_keys("   ", Keys.ENTER)
    page.until(lambda: page.find("#tasks .problem").is_displayed())
    assert page.text("#tasks .problem") == "title: string should have at least 1 character"


@pytest.mark.parametrize("at", ["container", "serverless"])
def test_a_file_is_uploaded_offered_and_removed(page, at, tmp_path):
    content = b"x" * 2**20  # all that the page says it takes
    (tmp_path / "grüße & co.txt").write_bytes(content)
    page.find("#file").send_keys(str(tmp_path / "grüße & co.txt"))
    page.until(lambda: page.texts("#files .list a") == ["grüße & co.txt"])
    link = page.find("#files .list a").get_attribute("href").removeprefix(page.url)
    answer = Client(int(page.url.rpartition(":")[2])).ask("GET", link)
    assert (answer.body, answer.headers["content-disposition"]) == (content, "attachment")
    page.find("#files .remove").click()
    page.until(lambda: page.texts("#files .list a") == [])


def test_a_file_that_is_too_large_is_not_even_sent(page, tmp_path):
    (tmp_path / "large").write_bytes(bytes(2**20 + 1))
    page.find("#file").send_keys(str(tmp_path / "large"))
    page.until(lambda: page.find("#files .problem").is_displayed())
    assert page.text("#files .problem") == "large has 1.1 MB, and 1 MB is the most"


def test_what_the_policy_forbids_does_not_happen(page):
    page.run("const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s)")
    page.run("const i = document.createElement('img'); i.setAttribute('onerror', 'window.evil = 1'); i.src = '/x.png'; "
             "document.body.append(i)")  # fmt: skip
    time.sleep(0.2)
    assert page.run("return window.evil") is None
    refused = page.complaints()
    assert refused
    assert all("Content Security Policy" in each for each in refused)


# What everybody can use.
@pytest.fixture
def resize(browser) -> Iterator[Callable[[int, int], None]]:
    def resize(width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    yield resize
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def media(browser) -> Iterator[Callable[..., None]]:
    def set_(*features: tuple[str, str]) -> None:
        named = [{"name": name, "value": value} for name, value in features]
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})

    yield set_
    set_()


def test_it_fits_every_screen(page, resize):
    page.find("#title").send_keys("averyveryverylongwordwithoutanyplacetobreakit" * 3, Keys.ENTER)
    page.until(lambda: len(page.texts("#tasks .list label")) == 1)
    for width in (320, 390, 768, 1400):
        resize(width, 844)
        assert page.run("return document.documentElement.scrollWidth") <= width
        small = page.run(
            "return [...document.querySelectorAll('button, select, .row input, .drop')]"
            ".filter(each => each.offsetParent).map(each => each.getBoundingClientRect())"
            ".filter(box => box.height < 44 || box.width < 44).length"
        )
        assert small == 0
    page.run("document.querySelector('#tasks .remove').click()")
    page.until(lambda: page.texts("#tasks .list label") == [])


CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


def test_every_text_can_be_read(page, media):
    page.find("#pause").click()
    page.run("document.querySelectorAll('.problem').forEach(each => { each.hidden = false; each.textContent = 'no'; })")
    for scheme in ("light", "dark"):
        media(("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce"))
        for at in ("serverless", "container", "local", "failed"):
            page.run(f"document.body.dataset.servedBy = '{at}'")
            found = page.run(CONTRAST)
            assert found["checked"] > 25
            assert found["weak"] == [], (scheme, at)


def test_nothing_moves_for_who_does_not_want_it(page, media):
    def cars() -> int:
        return page.run("return document.querySelectorAll('.car').length")

    page.pace(250)
    page.until(lambda: cars() > 0)
    media(("prefers-reduced-motion", "reduce"))
    page.run("document.getElementById('cars').replaceChildren()")
    time.sleep(0.6)
    assert cars() == 0


def test_every_control_has_a_name_and_every_picture_a_meaning(page):
    nameless = page.run(
        "return [...document.querySelectorAll('button, select, input')].filter(each => !(each.labels?.length "
        "|| each.getAttribute('aria-label') || each.textContent.trim())).map(each => each.outerHTML)"
    )
    assert nameless == []
    assert page.run("return [...document.querySelectorAll('img')].every(each => each.hasAttribute('alt'))")
    assert page.run("return document.querySelector('svg').getAttribute('role')") == "img"


def test_the_files_of_the_site_are_small_and_need_no_build():
    files = {path.name: path.stat().st_size for path in Path(SITE).iterdir()}
    assert sum(files.values()) < 30_000
    assert not {"package.json", "node_modules"} & set(files)
