"""The lines of a comparison in their order: what each is called and means, and which way it is better.

`better` is set only where everybody would agree: dates, limits, lifecycle and what a model can do are facts,
not contests. The lines of benchmarks are made of the suites that have a figure: `suite_line`.
"""

from dataclasses import dataclass
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compare.best import Better

Text = str | Promise
SectionKey = Literal["specification", "price", "api", "performance", "benchmarks", "operation"]
Kind = Literal[
    "number", "money", "tokens", "percent", "ms", "date", "text", "list", "flag", "link", "state"
]  # fmt: skip
#: Key of a suite's line, before its slug.
SUITE: Final = "suite:"


@dataclass(frozen=True, slots=True)
class Section:
    key: SectionKey
    title: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `definition`: a sentence or two for its tooltip. `unit`: what stands behind a
    figure. `pinned`: it stays in sight. `optional`: left out where no column knows it.
    """

    key: str
    section: SectionKey
    label: Text
    definition: Text
    unit: Text = ""
    better: Better = ""
    kind: Kind = "text"
    pinned: bool = False
    optional: bool = False


SECTIONS: Final = (
    Section("specification", _("Specification")),
    Section("price", _("Price")),
    Section("api", _("API")),
    Section("performance", _("Performance")),
    Section("benchmarks", _("Benchmarks")),
    Section("operation", _("Operation")),
)
_MTOK: Final = _("/ 1M tokens")

_SPECIFICATION: Final = (
    Line("creator", "specification", _("Made by"), _("Who made the model, whoever serves it.")),
    Line(
        "family", "specification", _("Model family"),
        _("The family that the source of the catalogue puts it in."), optional=True,
    ),
    Line(
        "released", "specification", _("Released"),
        _("The release date that the source states."), kind="date",
    ),
    Line(
        "knowledge_cutoff", "specification", _("Knowledge until"),
        _("Until when its training data reach, as precise as the source says."), kind="date",
    ),
    Line(
        "context_window", "specification", _("Context window"),
        _("How many tokens question and answer may have together."),
        _("tokens"), "higher", "tokens", pinned=True,
    ),
    Line(
        "max_output", "specification", _("Longest answer"),
        _("How many tokens one answer may have at most."), _("tokens"), "", "tokens",
    ),
    Line("modalities_in", "specification", _("Takes in"), _("What a request may hold."), kind="list"),
    Line("modalities_out", "specification", _("Gives out"), _("What an answer may hold."), kind="list"),
    Line(
        "capabilities", "specification", _("Can"),
        _("What the source says that the API offers for this model."), kind="list",
    ),
    Line("functions", "specification", _("Functions"), _("What it is for, by its modalities."), kind="list"),
    Line(
        "reasoning", "specification", pgettext_lazy("compare", "Thinks first"),
        _("It writes hidden reasoning before the answer, which is billed as output and takes time."),
        kind="flag",
    ),
    Line(
        "open_weights", "specification", _("Open weights"),
        _("Whether its weights can be downloaded; under which licence is the maker’s to say."), kind="flag",
    ),
    Line(
        "description", "specification", pgettext_lazy("compare", "Description"),
        _("In the source’s own words."), optional=True,
    ),
)  # fmt: skip

_PRICE: Final = (
    Line(
        "input", "price", _("Input"), _("List price of a million input tokens, standard tier."),
        _MTOK, "lower", "money", pinned=True,
    ),
    Line(
        "output", "price", _("Output"), _("List price of a million output tokens, standard tier."),
        _MTOK, "lower", "money", pinned=True,
    ),
    Line(
        "blended", "price", pgettext_lazy("compare", "Blended 3 : 1"),
        _(
            "Three parts input and one part output: (3 × input + output) ÷ 4. One figure to sort by, not "
            "what a real text costs."
        ),
        _MTOK, "lower", "money",
    ),
    Line(
        "cache_read", "price", _("Cache read"),
        _("Input tokens that the provider still has from an earlier request."),
        _MTOK, "lower", "money",
    ),
    Line(
        "cache_write", "price", _("Cache write"), _("Input tokens that are put into the provider’s cache."),
        _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "reasoning_rate", "price", _("Reasoning"),
        _("Hidden reasoning, where it has a rate of its own; elsewhere it is billed as output."),
        _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "audio_in", "price", _("Audio in"), _("A million tokens of audio in a request."),
        _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "audio_out", "price", _("Audio out"), _("A million tokens of audio in an answer."),
        _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "batch_input", "price", pgettext_lazy("compare", "Batch input"),
        _("Input tokens of requests that may wait for hours."), _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "batch_output", "price", pgettext_lazy("compare", "Batch output"),
        _("Output tokens of requests that may wait for hours."), _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "image_in", "price", pgettext_lazy("compare", "Image in"),
        _("A million tokens of images in a request."), _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "image_out", "price", pgettext_lazy("compare", "Image out"),
        _("A million tokens of images in an answer."), _MTOK, "lower", "money", optional=True,
    ),
    Line(
        "requests", "price", pgettext_lazy("compare", "Requests"),
        _("A fee per request, beside the tokens, where the source states one."),
        pgettext_lazy("compare", "/ 1,000 requests"), "lower", "money", optional=True,
    ),
    Line(
        "steps", "price", pgettext_lazy("compare", "Other tiers"),
        _("What holds for long prompts, for one of its regions or for another tier, or is announced."),
        kind="list", optional=True,
    ),
    Line(
        "price_since", "price", pgettext_lazy("compare", "Since"),
        _("When we first read this price in its source, not when the provider announced it."), kind="date",
    ),
    Line(
        "price_checked", "price", pgettext_lazy("compare", "Last checked"),
        _("When the source last said so."), kind="date",
    ),
    Line("price_source", "price", _("Source"), _("Who states the price."), kind="link"),
)  # fmt: skip

_API: Final = (
    Line("provider", "api", _("Provider"), _("Who serves the endpoint that is compared."), kind="link"),
    Line("model_id", "api", _("Model id"), _("What a request names the model by."), kind="text"),
    Line("protocol", "api", _("Protocol"), _("The format of requests and answers."), kind="text"),
    Line(
        "address", "api", pgettext_lazy("compare", "Address"),
        _("Where requests are sent, by the provider’s documentation."), kind="text",
    ),
    Line(
        "auth", "api", pgettext_lazy("compare", "Key travels as"),
        _("The header that carries your key; the key itself is yours alone."), kind="text",
    ),
    Line(
        "headers", "api", pgettext_lazy("compare", "Required headers"),
        _("What a request must carry beside the key and the content type."), kind="list",
    ),
    Line(
        "limits", "api", _("Rate limits"),
        _("As documentation states them, or as answers to our own account told them; yours may differ."),
        kind="list",
    ),
    Line(
        "retry", "api", pgettext_lazy("compare", "When refused"),
        _("What the provider advises after a refusal for too many requests."), kind="text",
    ),
    Line("docs", "api", _("Documentation"), _("The provider’s own pages."), kind="list"),
)  # fmt: skip

_PERFORMANCE: Final = (
    Line(
        "state", "performance", _("State"),
        _("By our own probes: operational, degraded, outage; unknown where nothing fresh was measured."),
        kind="state", pinned=True,
    ),
    Line(
        "availability", "performance", _("Availability"),
        _("Right answers of all attempts that count, in the window below."),
        "%", "higher", "percent", pinned=True,
    ),
    Line(
        "p50", "performance", _("p50"), _("Half of the right answers were complete within it."),
        _("ms"), "lower", "ms",
    ),
    Line(
        "p95", "performance", _("p95"),
        _("95 of 100 right answers were complete within it; needs 20 attempts."), _("ms"), "lower", "ms",
    ),
    Line(
        "ttft", "performance", _("TTFT"),
        _("Time to the first visible token of a streamed answer, median."), _("ms"), "lower", "ms",
    ),
    Line(
        "speed", "performance", _("Throughput"),
        _("Tokens per second of long answers, median of at least a day; short probes say nothing of it."),
        _("tokens/s"), "higher", "number",
    ),
    Line(
        "error_rate", "performance", _("Error rate"),
        _("Attempts that failed through the provider, of all that count."), "%", "lower", "percent",
    ),
    Line(
        "samples", "performance", _("Attempts"), _("How many attempts carry these figures."), kind="number",
    ),
    Line(
        "window", "performance", pgettext_lazy("compare", "Window"),
        _("The time that these attempts are of."),
    ),
)  # fmt: skip

_OPERATION: Final = (
    Line(
        "official", "operation", pgettext_lazy("compare", "Official page says"),
        _("What the provider’s own status page said when we last read it."), kind="link",
    ),
    Line(
        "incidents", "operation", pgettext_lazy("compare", "Incidents, 90 days"),
        _("Incidents that our own measurements confirmed and that held this endpoint."), "", "", "number",
    ),
    Line(
        "incident_minutes", "operation", pgettext_lazy("compare", "In incidents, 90 days"),
        _("How long it was held by any of them, overlaps counted once."), _("min"), "", "number",
    ),
    Line(
        "last_incident", "operation", pgettext_lazy("compare", "Last incident"),
        _("When the newest of them began."), kind="date",
    ),
    Line(
        "uptime", "operation", pgettext_lazy("compare", "Availability, 90 days"),
        _("Right answers of all attempts that count on the days that were measured, maintenance left out."),
        "%", "higher", "percent",
    ),
    Line(
        "slo", "operation", _("Error budget left"),
        _("What is left of the failures that the target allows."), "%", "", "percent",
    ),
    Line(
        "lifecycle", "operation", _("Lifecycle"),
        _("Whether the provider still offers it; deprecated means that an end is announced."), kind="text",
    ),
    Line(
        "deprecated", "operation", pgettext_lazy("compare", "Deprecated on"),
        _("The day that the provider names."), kind="date", optional=True,
    ),
    Line(
        "retires", "operation", pgettext_lazy("compare", "Retires on"),
        _("From then on requests fail, by the provider’s word."), kind="date", optional=True,
    ),
    Line(
        "notes", "operation", pgettext_lazy("compare", "Release notes"),
        _("Where the provider tells what has changed."), kind="list",
    ),
)  # fmt: skip

#: Every line but those of suites, in the order of the table.
LINES: Final = (*_SPECIFICATION, *_PRICE, *_API, *_PERFORMANCE, *_OPERATION)
BY_KEY: Final = {line.key: line for line in LINES}


def lines_of(section: str) -> tuple[Line, ...]:
    """The lines of a section in their order; () of benchmarks, whose lines are made of the suites."""
    return tuple(line for line in LINES if line.section == section)


def suite_line(slug: str, name: str, definition: Text, *, unit: str, higher_is_better: bool) -> Line:
    """A suite's line. `unit`: behind its figures as they are shown."""
    better: Better = "higher" if higher_is_better else "lower"
    return Line(SUITE + slug, "benchmarks", name, definition, unit, better, "number", optional=True)
