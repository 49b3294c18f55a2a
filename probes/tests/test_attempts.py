"""The records that cross process borders."""

import json

import pytest

from probes.attempts import Attempt, ProbeSpec, timeout_s_for
from probes.tests.making import make_spec


def test_a_spec_survives_json():
    spec = make_spec(options={"extra_body": {"a": 1}}, expected_answer="ok")
    assert ProbeSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_unknown_keys_of_a_newer_version_are_ignored():
    assert ProbeSpec.from_json({**make_spec().to_json(), "colour": "green"}) == make_spec()


def test_a_missing_key_is_named():
    row = make_spec().to_json()
    del row["endpoint"]
    with pytest.raises(TypeError, match="endpoint"):
        ProbeSpec.from_json(row)


def test_an_attempt_survives_json_with_its_nones():
    attempt = Attempt(
        target_id=1,
        endpoint="a--b",
        region="seoul",
        tier="B",
        worker="w",
        due_at=1.5,
        started_at=1.6,
        outcome="ok",
    )
    again = Attempt.from_json(json.loads(json.dumps(attempt.to_json())))
    assert again == attempt
    assert again.dns_ms is None


@pytest.mark.parametrize(
    ("tier", "reasoning", "seconds"),
    [("A", False, 5), ("B", False, 7), ("B", True, 30), ("A", True, 5), ("C", True, 60), ("D", True, 30)],
)
def test_timeouts_follow_the_tier(tier, reasoning, seconds):
    assert timeout_s_for(tier, reasoning=reasoning) == seconds
