"""Who asked for it hears that an official page cannot be read, and that it can be again."""

from datetime import timedelta

import pytest

from status.models import OfficialPage
from status.services.official import note_reading
from status.tests.notices_given import deliver, make_rule, told
from status.tests.test_official_pages import NOW, bodies, make_page

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def page() -> OfficialPage:
    make_rule()
    return make_page()


def fail(page: OfficialPage, *minutes: float) -> None:
    for minute in minutes:
        assert not note_reading(page, bodies={}, now=NOW + minute * MINUTE)


def test_a_page_that_stays_unreadable_is_told_of_once_and_so_is_its_end(page: OfficialPage):
    fail(page, 0, 2, 6, 14)
    assert deliver(NOW + 16 * MINUTE) == []
    (outgoing,) = deliver(NOW + 18 * MINUTE)
    assert (outgoing.topic, outgoing.kind, outgoing.severity) == ("official", "unreadable", "minor")
    assert outgoing.facts["detail"] == "api/v2/summary.json: was not answered"
    note_reading(page, bodies=bodies(), now=NOW + 20 * MINUTE)
    deliver(NOW + 20 * MINUTE)
    assert told() == [("unreadable", "sent"), ("readable", "sent")]


def test_a_page_that_can_soon_be_read_again_is_told_of_to_nobody(page: OfficialPage):
    fail(page, 0, 2)
    note_reading(page, bodies=bodies(), now=NOW + 6 * MINUTE)
    assert deliver(NOW + 60 * MINUTE) == []
    assert told() == [("unreadable", "dropped")]


def test_the_next_time_is_told_of_anew(page: OfficialPage):
    fail(page, 0, 2)
    deliver(NOW + 17 * MINUTE)
    note_reading(page, bodies=bodies(), now=NOW + 18 * MINUTE)
    fail(page, 40, 42)
    deliver(NOW + 60 * MINUTE)
    assert told() == [("unreadable", "sent"), ("readable", "sent"), ("unreadable", "sent")]
