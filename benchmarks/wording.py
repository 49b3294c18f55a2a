"""The words for the matrix's machine words, lazily translated."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benchmarks.models import Evidence, Suite

Words = str | Promise

#: As the model's choices have them.
EVIDENCE_WORDS: Final[dict[str, Words]] = dict(Evidence.choices)
#: What a class means, one sentence.
EVIDENCE_RULES: Final[dict[str, Words]] = {
    Evidence.INDEPENDENT.value: _("Run by somebody who made neither the model nor the benchmark."),
    Evidence.OWNER.value: _("Run by whoever made the benchmark, on its own leaderboard."),
    Evidence.QUOTED.value: _("Printed by an independent evaluator who did not run it."),
    Evidence.SELF.value: _("Stated by the model’s own maker."),
    Evidence.OTHER_LAB.value: _("Stated by another lab, mostly beside a model of its own."),
    Evidence.AGGREGATOR.value: _("Copied from elsewhere: shown only once an editor has found the original."),
}
LIFECYCLE_WORDS: Final[dict[str, Words]] = dict(Suite.Lifecycle.choices)
#: What a lifecycle means for whoever reads a score.
LIFECYCLE_RULES: Final[dict[str, Words]] = {
    Suite.Lifecycle.ACTIVE.value: _("In use, and still tells models apart."),
    Suite.Lifecycle.SATURATED.value: _(
        "The best models are so near its upper end that it hardly tells them apart."
    ),
    Suite.Lifecycle.CONTAMINATED.value: _(
        "Its items are known to have been in training data: high scores may be remembered."
    ),
    Suite.Lifecycle.RETIRED.value: _("Its makers run it no more; kept for older models."),
}
TOPIC_WORDS: Final[dict[str, Words]] = dict(Suite.Topic.choices)

FILTER_WORDS: Final[dict[str, Words]] = {
    "suites": _("Suites"),
    "models": _("Models"),
    "creators": _("Maker"),
    "families": _("Family"),
    "evidence": _("Who says so"),
    "q": _("Search"),
    "open": _("Weights"),
    "as_of": _("As of"),
}
OPEN_WORDS: Final[dict[str, Words]] = {"yes": _("Open weights"), "no": _("Closed weights")}
NORM_WORDS: Final[dict[str, Words]] = {
    "sota": _("Best = 100"),
    "minmax": _("Min–max"),
    "raw": pgettext_lazy("scores", "As published"),
}
SORT_WORDS: Final[dict[str, Words]] = {
    "composite": _("Composite"),
    "coverage": _("Number of suites"),
    "name": _("Name"),
    "released": _("Release date"),
}
