"""The page of what observation costs, in a real browser."""

import pytest
from django.test import Client
from django.utils import timezone

from aigo.tests.pages import SITE, serve
from probes.tests.factories import make_endpoint, make_pop
from probes.tests.money import make_price, make_real, spend
from testing import browser


@pytest.mark.django_db
@pytest.mark.only_on("sqlite")  # what a browser makes of the page; its queries are asked elsewhere
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_cost_page_fits_every_width_and_breaks_no_policy(client: Client, lang: str):
    now = timezone.now()
    make_pop(real=True, keys=["REAL_API_KEY"], now=now)
    priced = make_real(tiers="ABCD")
    make_price(priced, valid_from=now, retrieved_at=now)
    for provider, usd in ((priced.provider, "0.4"), (make_endpoint().provider, "12345.67")):
        spend(provider, usd, date=now.date(), unpriced=3)
    client.cookies.load({"django_language": lang})
    html = client.get("/operations/cost/").content.decode()
    with browser.chromium() as chromium:
        page = chromium.new_page()
        troubles = serve(page, html)
        page.goto(SITE + "/")
        for width in (360, 700, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"overflow at {width}"
        assert troubles == []
