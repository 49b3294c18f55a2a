"""Pages that need JavaScript, in the machine's own Chromium. One browser reads all of them but one."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from aigo.lib.fetch import Answer
from news.models import ListedItem, NewsSource, RawItem
from news.rendering import program, tree
from news.rendering.browser import Browser, Unshown
from news.rendering.rules import Limits
from news.services import crawl
from news.tests.sites import LOREM, NOW, make_source, rss, site, whole
from news.tests.test_crawling import run, run_through
from testing.browser import executable
from testing.environment import ROOT, clean_environment
from testing.patience import PATIENCE_S
from testing.processes import until

# A browser is the same on every database; it is the dearest of these tests.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]

PATIENT = Limits(page_s=2 * PATIENCE_S, answer_s=PATIENCE_S, settle_s=PATIENCE_S)


@pytest.fixture(scope="module")
def one_browser() -> Iterator[Browser]:
    """It begins with its first page."""
    with Browser(PATIENT) as made:
        yield made


@pytest.fixture
def browser(one_browser: Browser, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The one that all runs of the test take."""
    settings.NEWS_BROWSER = executable()
    monkeypatch.setattr("news.services.showing.Browser", lambda: nullcontext(one_browser))
    return one_browser


def scripted(script: str = "", *, head: str = "") -> str:
    """A page without a word until its script has run, which tells what it knows of us."""
    return (
        f"<html lang='en'><head><title>T</title>{head}</head><body><script>"
        "const body = document.createElement('article');"
        f"body.innerHTML = '<h1>Made by a script</h1><p>{LOREM * 3}</p>';"
        "const say = (words) => {"
        "  const p = document.createElement('p'); p.textContent = words; body.append(p) };"
        "document.body.append(body);"
        "say(`The cookies of this page are [${document.cookie}] and it is read by ${navigator.userAgent}.`);"
        f"document.cookie = 'seen=1';{script}</script></body></html>"
    )


HIDDEN = """
<p class=gone>HIDDEN one, by a style sheet in a file of its own</p>
<p class=white>HIDDEN two, in the colour of what is behind it</p>
<p style='position:absolute;left:calc(-9000px - 10em)'>HIDDEN three, far off to the left</p>
<p class=tiny>HIDDEN four, in letters that nobody can read</p>
<p class=cut>HIDDEN five, in a box of one pixel</p>
<p class=clear>HIDDEN six, in no colour at all</p>
<form><input name=children><p class=gone>HIDDEN seven, in a form that lies about its children</p></form>
"""
STYLE = """
.gone { display: none } .white { color: #fff } .tiny { font-size: 1px } .clear { color: transparent }
.cut { width: 1px; height: 1px; overflow: hidden }
"""


def test_a_page_is_read_as_its_readers_see_it(browser: Browser):
    script = (
        f"body.insertAdjacentHTML('beforeend', `{HIDDEN}`);"
        "say('Words that fade in: the price of a million tokens falls to two dollars.');"
        "body.lastChild.className = 'fades';"
        "setTimeout(() => body.querySelector('.fades').style.opacity = 1);"
        "fetch('/data.json').then((answer) => answer.json()).then((told) => say(told.words));"
    )
    head = "<style>.fades { opacity: 0 }</style><link rel=stylesheet href=/style.css>"
    links = "document.body.innerHTML = '<div class=post><a href=/a>A new model</a></div>'"
    pages: dict[str, Any] = {
        "/robots.txt": "User-agent: *\nDisallow: /closed",
        "/": f"<html><body><script>{links}</script></body></html>",
        "/a": whole(scripted(script, head=head).encode(), Set_Cookie="session=1"),
        "/style.css": whole(STYLE.encode(), kind="text/css"),
        "/data.json": whole(
            b'{"words": "Words of its data: it reads 256,000 tokens."}', kind="application/json"
        ),
    }
    with site(pages) as host:
        run_through(make_source(f"{host.url}/", kind="page", selectors={"item": ".post"}, renders=True))
        agents = {headers["user-agent"] for headers in host.headers}
        assert sorted(host.asked) == ["/", "/a", "/data.json", "/style.css"]
        assert not any("cookie" in headers for headers in host.headers)
    item = RawItem.objects.get()
    assert (item.title, item.problem, item.rendered) == ("A new model", "", True)
    assert agents == {"AI-GO/1.0 (+http://127.0.0.1:8000)"}
    assert "The cookies of this page are [] and it is read by AI-GO/1.0 (+http" in item.text
    assert "Words of its data: it reads 256,000 tokens." in item.text
    assert "Words that fade in: the price" in item.text
    assert "HIDDEN" not in item.text
    kept = item.as_fetched().decode()
    assert kept.count("HIDDEN") == 2 * 7  # of the script, and what it made
    assert item.content_type == "text/html; charset=utf-8"


#: What a page does, and what becomes of its item: "" = it is read.
TRAPS = {
    "ways-out": (
        scripted(
            "alert(1); confirm(2); prompt(3); onbeforeunload = () => 'stay';"
            "for (let n = 0; n < 20; n += 1) window.open('/opened' + n);"
            "new WebSocket(location.origin.replace('http', 'ws') + '/out/socket');"
            "navigator.sendBeacon('/out/beacon', 'x'); fetch('/out/post', {method: 'POST'}).catch(() => 0);"
            "navigator.serviceWorker.register('/out/worker.js').catch(() => 0);"
            "new Image().src = '/out/image';"
            "body.insertAdjacentHTML('beforeend', '<iframe src=/out/frame></iframe><form action=/out/form "
            "method=post></form><a download href=/out/file>x</a>');"
            "document.querySelector('form').submit(); document.querySelector('a').click();"
            "fetch('/closed/data').catch(() => 0); fetch(location.origin.replace('127.0.0.1', 'localhost'))"
            ".catch(() => say('Another host gives it nothing.'));"
            "const code = document.createElement('script'); code.src = 'http://10.0.0.1/x.js';"
            "code.onerror = () => say('Nor does a host inside.'); document.body.append(code);"
        ),
        "",
    ),
    "leads-on": ("<script>location = '/led-to'</script>", ""),
    "leads-inside": ("<script>location = 'http://169.254.169.254/latest/'</script>", "forbidden"),
    "refresh-inside": ("<meta http-equiv=refresh content='0;url=http://10.0.0.1/'>" + LOREM, "forbidden"),
    "leads-where-rules-forbid": ("<script>location = '/closed/page'</script>", "robots"),
    "leads-round": ("<script>location = '/leads-round?' + Math.random()</script>", "network"),
    "fifty-megabytes": ("<body><script>document.body.textContent = 'word '.repeat(1e7)</script>", "size"),
    "crash": ("<script>const a = []; for (;;) a.push(new Array(1e6).fill(Math.random()))</script>", "script"),
}


def test_each_trap_changes_nothing_but_its_own_item(browser: Browser, monkeypatch):
    monkeypatch.setattr("news.services.showing.MAX_REDIRECTS", 2)
    pages: dict[str, Any] = {
        "/robots.txt": "User-agent: *\nDisallow: /closed",
        "/feed": rss(*(f"/{name}" for name in TRAPS)),
        "/led-to": scripted(),
        "/polled": "x",
        "/feed-of-one": rss("/polls"),
        "/polls": scripted("const poll = () => fetch('/polled'); poll(); setInterval(poll, 50);"),
        **{f"/{name}": page for name, (page, _) in TRAPS.items()},
    }
    circle = TRAPS["leads-round"][0].encode()
    with site(Circle(pages, circle)) as host:
        source = make_source(f"{host.url}/feed", renders=True)
        run_through(source)
        # It is never at rest, and its script must have run when it is read.
        monkeypatch.setattr(browser, "limits", replace(PATIENT, settle_s=Limits().settle_s))
        run_through(make_source(f"{host.url}/feed-of-one", renders=True), NOW + timedelta(hours=1))
        asked = [path for path in host.asked if path.startswith(("/out", "/opened", "/closed"))]
        assert asked == []
        assert sum(path.startswith("/leads-round") for path in host.asked) == 3
        assert 0 < host.asked.count("/polled") <= PATIENT.requests
    found = {row.url.removeprefix(f"{host.url}/"): row.problem for row in ListedItem.objects.all()}
    assert found == {**{name: problem for name, (_, problem) in TRAPS.items()}, "polls": ""}
    read = {item.canonical_url.rpartition("/")[2]: item for item in RawItem.objects.filter(problem="")}
    assert set(read) == {"ways-out", "led-to", "polls"}
    assert all("cookies of this page are [] " in item.text and item.rendered for item in read.values())
    assert "Another host gives it nothing." in read["ways-out"].text
    assert "Nor does a host inside." in read["ways-out"].text
    source.refresh_from_db()
    assert (source.problem, source.claimed_until) == ("", None)


class Circle(dict[str, Any]):
    """Pages, of which one answers with any query."""

    def __init__(self, pages: dict[str, Any], page: bytes) -> None:
        super().__init__(pages)
        self._page = page

    def get(self, path: str, default: Any = None) -> Any:
        return self._page if path.startswith("/leads-round") else super().get(path, default)


def test_a_script_without_end_ends_with_its_browser(settings, monkeypatch):
    settings.NEWS_BROWSER = executable()
    page = Answer(200, {"content-type": "text/html"}, b"<script>for (;;);</script>", "http://127.0.0.1/", 1.0)
    trees: list[tree.Tree] = []

    def tree_of(root: int) -> tree.Tree:
        trees.append(tree.Tree(root))
        return trees[-1]

    monkeypatch.setattr("news.rendering.process.Tree", tree_of)
    most = 0
    with Browser(Limits(page_s=1.5)) as browser:

        def look(made: tree.Tree) -> int:
            nonlocal most
            most = max(most, len(made.members()))
            return 0

        monkeypatch.setattr(tree.Tree, "memory", look)
        with pytest.raises(Unshown, match="not at rest"):
            browser.show(page, allowed=lambda url: True)
        assert most > 3
        assert trees[0].members() == set()


def test_a_browser_ends_with_its_owner_in_the_middle_of_a_page():
    body = base64.b64encode(b"<script>for (;;);</script>").decode()
    job = {"url": "http://127.0.0.1/", "body": body, "headers": {"content-type": "text/html"}}
    bounds = {"settle_s": PATIENCE_S, "dom_bytes": 1_000, "elements": 10, "mark": "m", "user_agent": "x"}
    with (
        # tmp_path is too long for its socket
        TemporaryDirectory(prefix="aigo-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            [sys.executable, "-m", "news.rendering.child", executable(), "open"],
            env=clean_environment(TMPDIR=folder),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        begun = tree.Tree(process.pid)
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline()) == {"ready": True}
            assert len(begun.members()) > 3
            process.communicate(json.dumps({"show": {**job, **bounds}}) + "\n", timeout=PATIENCE_S)
            until(begun.members, lambda left: not left, every_s=0.05, log=str)
        finally:
            begun.end()


@pytest.mark.parametrize(
    ("chosen", "remedy"),
    [("", "set NEWS_BROWSER=1"), ("/nowhere/chromium", "NEWS_BROWSER=/nowhere/chromium is no program")],
)
def test_without_a_browser_nobody_is_asked_and_the_source_says_why(chosen: str, remedy: str, settings):
    settings.NEWS_BROWSER = chosen
    with site({"/feed": rss()}) as host:
        source = make_source(f"{host.url}/feed", renders=True)
        done = run(source)
        assert (done.problem, host.asked, host.asked_robots) == ("script", [], 0)
    assert remedy in NewsSource.objects.get().error
    assert crawl(source.pk, now=NOW) is None


def test_the_browser_has_no_network_where_the_kernel_grants_that():
    prefix = program.without_network()
    assert prefix == () or "--net" in prefix
