"""Plain makers of the pure records. No Django."""

from typing import Any

from probes.attempts import ProbeSpec


def make_spec(**changes: Any) -> ProbeSpec:
    """A tier B spec of an endpoint that nobody serves."""
    values: dict[str, Any] = {
        "target_id": 1,
        "endpoint": "somebody--some-model",
        "region": "seoul",
        "tier": "B",
        "protocol": "openai_chat",
        "base_url": "http://127.0.0.1:9/v1",
        "provider_model_id": "some-model",
        "key_env": "",
        "base_url_env": "",
        "due_at": 0.0,
        "timeout_s": 7.0,
    }
    return ProbeSpec(**{**values, **changes})


def happened(duration_ms: float | None) -> float:
    """The duration of a phase that must have happened, in ms."""
    assert duration_ms is not None, "the phase did not happen"
    return duration_ms
