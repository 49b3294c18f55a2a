"""vLLM: https://docs.vllm.ai/en/latest/usage/metrics.html (names: vllm/v1/metrics/loggers.py)."""

from typing import Final

from probes.scraping.table import Gauge, Histogram, Kind, Rate

VLLM: Final = Kind(
    "vllm",
    (
        # Requests that ended, whatever the reason; the count of their durations where that counter is absent.
        Rate(
            "requests_per_min",
            ("vllm:request_success_total", "vllm:e2e_request_latency_seconds_count"),
            scale=60,
        ),
        Gauge("running", ("vllm:num_requests_running",)),
        Gauge("queue", ("vllm:num_requests_waiting",)),
        Rate("tokens_per_s", ("vllm:generation_tokens_total",)),
        Rate("prompt_tokens_per_s", ("vllm:prompt_tokens_total",)),
        # A share of 1, per engine: the fullest decides who waits.
        Gauge(
            "kv_cache_pct",
            ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
            scale=100,
            combine=max,
            most=100,
        ),
        Histogram("ttft", ("vllm:time_to_first_token_seconds",)),
        Histogram(
            "tpot",
            (
                "vllm:inter_token_latency_seconds",
                "vllm:request_time_per_output_token_seconds",
                "vllm:time_per_output_token_seconds",
            ),
        ),
        Histogram("duration", ("vllm:e2e_request_latency_seconds",)),
    ),
)
