"""The table of outcomes."""

import pytest

from probes.outcomes import OUTCOMES, Charge, charge_of, counts, is_failure

BY_CHARGE = {
    Charge.OK: "ok",
    Charge.PROVIDER: "timeout connect_error tls_error dns_error http_5xx overloaded bad_json truncated empty "
    "wrong_answer stream_error slow_stream",
    Charge.SERIES: "capacity_throttle edge_block",
    Charge.OURS: "auth quota bad_request rate_limited budget cancelled lagged pop_offline missed",
}


@pytest.mark.parametrize(("charge", "names"), BY_CHARGE.items())
def test_the_table_charges_as_the_design_says(charge, names):
    assert {outcome.name for outcome in OUTCOMES.values() if outcome.charge is charge} == set(names.split())


def test_only_ok_and_the_providers_failures_count():
    assert [counts(name) for name in ("ok", "http_5xx", "edge_block", "auth")] == [True, True, False, False]


def test_ok_is_no_failure():
    assert [is_failure(name) for name in ("ok", "timeout", "capacity_throttle")] == [False, True, False]


def test_a_name_outside_the_table_is_refused():
    with pytest.raises(KeyError):
        charge_of("oops")


def test_every_outcome_has_a_meaning_of_its_own():
    meanings = [outcome.meaning for outcome in OUTCOMES.values()]
    assert all(meanings)
    assert len(set(meanings)) == len(meanings)
