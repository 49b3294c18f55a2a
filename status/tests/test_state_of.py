"""`/status/state/<slug>`: a model's live state as a part of other pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import AIModel, Creator
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.kept import keeper
from status.services import judge_endpoints
from status.state_views import MOST_ENDPOINTS

#: Pages over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture
def endpoint():
    """Measured from Seoul a moment ago, all well; another provider's is watched and not measured yet."""
    own, now = make_endpoint(), timezone.now()
    make_endpoint("resold", "nimbus-1", provider_model_id="other")
    make_pop(now=now)
    store_attempts(make_series(own, "+" * 25, every_s=10, end=now - timedelta(seconds=1)), now=now)
    judge_endpoints([own.pk], now=now)
    return own


def test_each_endpoint_has_its_state_in_a_word_with_what_it_rests_on(
    client, endpoint, one_moment, django_assert_num_queries
):
    answer = client.get("/status/state/nimbus-1")
    text = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-cache"
    head, measured, waiting = text.split('class="state-of__one"')
    assert 'href="/models/nimbus-1/"' in head
    for told in ("Operational", "data-value>100<", "p50", "last 5 minutes", "25", "<time datetime"):
        assert told in measured
    assert "Unknown" in waiting
    assert "<html" not in text
    with django_assert_num_queries(0):
        again = client.get("/status/state/nimbus-1", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    client.cookies["django_language"] = "ko"
    assert "정상" in client.get("/status/state/nimbus-1").content.decode()


def test_an_endpoint_s_own_slug_tells_of_it_alone(client, endpoint):
    text = client.get("/status/state/resold--nimbus-1").content.decode()
    assert text.count('class="state-of__one"') == 1
    assert 'href="/models/resold--nimbus-1/"' in text


def test_who_serves_it_is_told_up_to_a_few(client, endpoint):
    for n in range(MOST_ENDPOINTS):
        make_endpoint(f"seller-{n}", "nimbus-1", provider_model_id=f"other-{n}")
    keeper().forget()
    text = client.get("/status/state/nimbus-1").content.decode()
    assert text.count('class="state-of__one"') == MOST_ENDPOINTS
    assert "2 more endpoints" in text


def test_what_nobody_measures_says_so_and_what_nobody_knows_is_not_found(client):
    creator = Creator.objects.create(slug="quill", name="Quill")
    AIModel.objects.create(slug="quill-9", name="Quill 9", creator=creator)
    known = client.get("/status/state/quill-9")
    assert (known.status_code, "Not measured" in known.content.decode()) == (200, True)
    missing = client.get("/status/state/nobody")
    assert missing.status_code == 404
    assert "<html" not in missing.content.decode()
