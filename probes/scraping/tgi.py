"""Text Generation Inference: https://huggingface.co/docs/text-generation-inference/reference/metrics

It has no histogram of the time to the first token; tokens are counted when a request ends.
"""

from typing import Final

from probes.scraping.table import Gauge, Histogram, Kind, Rate

TGI: Final = Kind(
    "tgi",
    (
        Rate("requests_per_min", ("tgi_request_count", "tgi_request_success"), scale=60),
        Gauge("running", ("tgi_batch_current_size",)),
        Gauge("queue", ("tgi_queue_size",)),
        Rate("tokens_per_s", ("tgi_request_generated_tokens_sum",)),
        Rate("prompt_tokens_per_s", ("tgi_request_input_length_sum",)),
        Histogram("tpot", ("tgi_request_mean_time_per_token_duration",)),
        Histogram("duration", ("tgi_request_duration",)),
    ),
)
