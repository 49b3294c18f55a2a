"""Who answered: a name or fingerprint that was not there before is a swap and is announced."""

from datetime import timedelta

import pytest

from aigo.lib.events import event_log
from probes.models import AnsweringIdentity
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(django_capture_on_commit_callbacks):
    """Store one attempt, `hours` after NOW."""
    endpoint = make_endpoint()

    def store(model="", fingerprint="", *, hours=0.0, outcome="ok", **fields):
        at = NOW + timedelta(hours=hours)
        attempt = make_attempt(
            endpoint, outcome, at=at, answered_model=model, fingerprint=fingerprint, **fields
        )
        with django_capture_on_commit_callbacks(execute=True):
            store_attempts([attempt], now=at)

    return store


def swaps() -> list[tuple[str, str, str]]:
    rows = AnsweringIdentity.objects.exclude(previous="").order_by("appeared_at")
    return list(rows.values_list("kind", "previous", "value"))


def test_the_first_identity_of_an_endpoint_is_no_swap(answer):
    answer("nimbus-1-0401", "fp_1")
    answer("nimbus-1-0401", "fp_1", hours=1)
    assert swaps() == []
    assert AnsweringIdentity.objects.count() == 2


def test_another_model_or_fingerprint_is_a_swap_and_is_announced(answer):
    answer("nimbus-1-0401", "fp_1")
    start = event_log().last_id()
    answer("nimbus-1-0815", "fp_2", hours=1)
    assert swaps() == [("model", "nimbus-1-0401", "nimbus-1-0815"), ("fingerprint", "fp_1", "fp_2")]
    events = [event.data for event in event_log().read_after(start) if event.type == "model.swapped"]
    assert [(e["slug"], e["kind"], e["from"], e["to"]) for e in events] == [
        ("nimbus--nimbus-1", "model", "nimbus-1-0401", "nimbus-1-0815"),
        ("nimbus--nimbus-1", "fingerprint", "fp_1", "fp_2"),
    ]


def test_backends_that_take_turns_are_one_swap_and_not_one_per_probe(answer):
    for number in range(6):
        answer("nimbus-1", f"fp_{number % 2}", hours=number)
    assert swaps() == [("fingerprint", "fp_0", "fp_1")]


def test_a_value_that_returns_after_a_week_is_a_swap_again(answer):
    answer("old")
    answer("new", hours=1)
    for day in range(1, 9):
        answer("new", hours=24 * day)
    answer("old", hours=24 * 9)
    assert swaps() == [("model", "old", "new"), ("model", "new", "old")]


def test_a_provider_that_names_every_answer_anew_announces_ten_a_day_at_most(answer):
    start = event_log().last_id()
    for number in range(30):
        answer(fingerprint=f"fp_{number}", hours=number / 60)
    assert len(swaps()) == 9
    assert sum(event.type == "model.swapped" for event in event_log().read_after(start)) == 9
    answer(fingerprint="fp_next_day", hours=25)
    assert swaps()[-1] == ("fingerprint", "fp_9", "fp_next_day")


@pytest.mark.parametrize("fields", [{"outcome": "http_5xx"}, {"tier": "A"}])
def test_only_right_answers_of_the_model_itself_name_it(answer, fields):
    answer("nimbus-1")
    if "tier" in fields:
        endpoint = AnsweringIdentity.objects.get().endpoint
        endpoint.targets.update(tier="A")
    answer("an-error-page", hours=1, **fields)
    assert swaps() == []
