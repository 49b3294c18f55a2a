"""What is measured: one row per suite that must not be mixed with another."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Imported

#: The columns that stand in English and, with `_ko`, in Korean.
TOLD: Final = ("task_type", "metric", "items", "human_baseline", "summary", "detail", "caveats")


class Unit(models.TextChoices):
    """What the values of a suite are."""

    PERCENT = "percent", _("per cent")
    POINTS = "points", _("points")
    ELO = "elo", _("Elo")


class Suite(Imported):
    """One benchmark in one form: MATH and MATH-500 are two, GPQA and GPQA-Diamond as well.

    `random_baseline`: the value of guessing, in `unit`; None = none is known. `random_basis`: how it is
    known. `scale_min`, `scale_max`: None = open (Elo). `reference_setting`: canonical (benchmarks.setting)
    setting that most published values share; a cell shows a value of this setting where there is one. Texts
    in English and, with `_ko`, in Korean: `summary` one line for beginners, `detail` for experts.
    `sources`: [{name, url}] of the suite's own facts; what was not seen in a source stays None or "".
    """

    class Basis(models.TextChoices):
        STATED = "stated", _("stated in a source")
        OPTIONS = "options", _("follows from the number of possible answers")
        OPEN = "open", _("open answers: guessing solves nothing")

    class Lifecycle(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("suite", "active")
        SATURATED = "saturated", _("saturated")
        CONTAMINATED = "contaminated", _("contaminated")
        RETIRED = "retired", pgettext_lazy("suite", "retired")

    class Topic(models.TextChoices):
        KNOWLEDGE = "knowledge", _("Knowledge")
        REASONING = "reasoning", _("Reasoning")
        MATHS = "maths", _("Mathematics")
        CODE = "code", _("Code")
        INSTRUCTIONS = "instructions", _("Following instructions")
        CHAT = "chat", _("Chat")
        TRUTH = "truth", _("Truthfulness")
        VISION = "vision", _("Vision")
        KOREAN = "korean", _("Korean")

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    full_name = models.CharField(_("full name"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=1000)
    topic = models.CharField(_("topic"), max_length=16, choices=Topic)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    task_type = models.CharField(_("kind of task"), max_length=200, blank=True, default="")
    task_type_ko = models.CharField(_("kind of task in Korean"), max_length=200, blank=True, default="")
    metric = models.CharField(_("metric"), max_length=200, blank=True, default="")
    metric_ko = models.CharField(_("metric in Korean"), max_length=200, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=8, choices=Unit)
    scale_min = models.DecimalField(_("lowest value"), max_digits=8, decimal_places=3, null=True, blank=True)
    scale_max = models.DecimalField(_("highest value"), max_digits=8, decimal_places=3, null=True, blank=True)
    higher_is_better = models.BooleanField(_("higher is better"), default=True)
    items = models.CharField(_("number of items"), max_length=200, blank=True, default="")
    items_ko = models.CharField(_("number of items in Korean"), max_length=200, blank=True, default="")
    random_baseline = models.DecimalField(
        _("value of guessing"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    random_basis = models.CharField(
        _("how that is known"), max_length=8, choices=Basis, blank=True, default=""
    )
    human_baseline = models.CharField(_("people"), max_length=200, blank=True, default="")
    human_baseline_ko = models.CharField(_("people, in Korean"), max_length=200, blank=True, default="")
    lifecycle = models.CharField(_("lifecycle"), max_length=12, choices=Lifecycle, default=Lifecycle.ACTIVE)
    reference_setting = models.CharField(_("reference setting"), max_length=120, blank=True, default="")
    summary = models.CharField(_("summary"), max_length=200)
    summary_ko = models.CharField(_("summary in Korean"), max_length=200)
    detail = models.TextField(_("detail"))
    detail_ko = models.TextField(_("detail in Korean"))
    caveats = models.TextField(_("caveats"), blank=True, default="")
    caveats_ko = models.TextField(_("caveats in Korean"), blank=True, default="")
    licence = models.CharField(_("licence"), max_length=120, blank=True, default="")
    paper_url = models.URLField(_("paper"), max_length=300, blank=True, default="")
    sources = models.JSONField(_("sources"), default=list, blank=True)

    class Meta:
        verbose_name = _("suite")
        verbose_name_plural = _("suites")
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="suite_scale_in_order",
                condition=Q(scale_min__isnull=True)
                | Q(scale_max__isnull=True)
                | Q(scale_min__lt=F("scale_max")),
            ),
            models.CheckConstraint(
                name="suite_percent_has_a_scale",
                condition=~Q(unit="percent") | Q(scale_min=0, scale_max=100),
            ),
            models.CheckConstraint(
                name="suite_guessing_within_the_scale",
                condition=(Q(scale_min__isnull=True) | Q(random_baseline__gte=F("scale_min")))
                & (Q(scale_max__isnull=True) | Q(random_baseline__lt=F("scale_max")))
                | Q(random_baseline__isnull=True),
            ),
            models.CheckConstraint(
                name="suite_basis_is_of_a_baseline",
                condition=Q(random_basis="") | Q(random_baseline__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("benchmark-suite", args=(self.slug,))
