"""Two processes that crawl the same sources against one PostgreSQL, as two workers do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from news.tests.sites import article, rss, site
from testing.environment import ROOT, clean_environment
from testing.patience import PATIENCE_S
from testing.stores import migrated_store, query


def crawler(url: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    settings = {
        "DJANGO_SETTINGS_MODULE": "aigo.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "the same for both",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "NEWS_HOST_INTERVAL_S": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "news.tests.crawler", *arguments],
        env=clean_environment(**settings),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(3 * PATIENCE_S)
def test_no_page_is_asked_twice_and_hosts_have_their_interval_from_both(tmp_path: Path):
    pages: dict[str, Any] = {
        "/one": rss("/a", "/b", "/c"),
        "/two": rss("/d", "/e"),
        **{f"/{name}": article(name.upper()) for name in "abcde"},
    }
    others: dict[str, Any] = {"/three": rss("/a", "/b"), "/a": article("A"), "/b": article("B")}
    with migrated_store("postgresql", tmp_path) as url, site(pages) as host, site(others) as other:
        sources = (f"{host.url}/one", f"{host.url}/two", f"{other.url}/three")
        both = [crawler(url, tmp_path, "7", "6", *sources) for _ in range(2)]
        try:
            for process in both:  # both are there before either begins
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            for process in both:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            told = [process.communicate(timeout=PATIENCE_S) for process in both]
        finally:
            for process in both:
                process.kill()
        turns = [[tuple(turn) for turn in json.loads(out.splitlines()[-1])] for out, _ in told]
        kept = query(url, "SELECT canonical_url, problem FROM news_rawitem")
        assert [count for path, count in Counter(host.asked).items() if count > 1] == []
        assert set(host.asked) == set(pages)
        assert sorted(other.asked) == sorted(others)
        assert (host.asked_robots, other.asked_robots) == (1, 1)
    assert len(kept) == 7
    assert {row["problem"] for row in kept} == {""}
    assert all(turns)  # of ten turns each takes seven at most
    for origin in (host.url, other.url):
        moments = sorted(at for own in turns for place, at in own if place == origin)
        assert all(later - earlier >= 1 for earlier, later in pairwise(moments)), moments
        assert len(moments) == len(host.asked if origin == host.url else other.asked)
