"""llama.cpp's llama-server, started with --metrics:
https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md (names: tools/server/server.cpp).

It counts no requests and has no histograms: requests per minute and TTFT are not told.
"""

from typing import Final

from probes.scraping.table import Gauge, Kind, Rate

LLAMACPP: Final = Kind(
    "llamacpp",
    (
        Gauge("running", ("llamacpp:requests_processing",)),
        Gauge("queue", ("llamacpp:requests_deferred",)),
        Rate("tokens_per_s", ("llamacpp:tokens_predicted_total",)),
        Rate("prompt_tokens_per_s", ("llamacpp:prompt_tokens_total",)),
        # Dropped in newer versions.
        Gauge("kv_cache_pct", ("llamacpp:kv_cache_usage_ratio",), scale=100, combine=max, most=100),
    ),
)
