"""The newest articles about the models that are compared."""

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from aigo.lib.events import tell
from compare.asking import CompareWish
from compare.kept import MOST_NEWS, kept_comparison
from compare.services.freezing import freeze
from compare.tests.given import three
from news.models import Article
from news.tests.test_lines import published

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


def test_each_column_has_its_newest_articles_and_frozen_figures_have_none(client: Client) -> None:
    now: datetime = timezone.now()
    three(now)
    assert 'id="news-title"' not in client.get("/compare/?models=ant,bee").content.decode()
    for number in range(MOST_NEWS + 1):
        published(f"of-ant-{number}", "ant", days=1 + 90 * number)
    both = published("of-both", "ant", "bee", days=2)
    Article.objects.filter(pk=both.pk).update(title_en="", title_ko="둘 다")
    tell("news.changed", {}, now=now)
    text = client.get("/compare/?models=ant,p-bee--bee").content.decode()
    assert text.count('href="/news/of-ant-') == MOST_NEWS - 1
    assert text.count('href="/news/of-both/" lang="ko">둘 다</a>') == 2
    columns = client.get("/api/v1/compare?ids=ant,p-bee--bee").json()["columns"]
    told = [[line["slug"] for line in column["news"]] for column in columns]
    assert told == [["of-ant-0", "of-both", "of-ant-1"], ["of-both"]]
    assert columns[1]["news"][0]["title"] == {"en": "둘 다", "ko": "둘 다"}
    quiet = client.get("/compare/?models=ant,cat").content.decode()
    assert quiet.count("Nothing has been published about it.") == 1
    frozen = freeze(kept_comparison(CompareWish(("ant", "bee")), now=now).value, now=now)
    assert "/news/of-" not in client.get(f"/compare/as-of/{frozen.token}/").content.decode()
    body = client.get(f"/api/v1/compare/as-of/{frozen.token}").json()
    assert [column["news"] for column in body["columns"]] == [None, None]
