"""Published figures, each as its source states it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from benchmarks.models.sources import ImportRun, LicenceClass, ScoreSource
from benchmarks.models.suites import Suite
from benchmarks.rows import first_day
from benchmarks.setting import read_setting
from catalog.models import AIModel
from editorial.models import Editorial
from editorial.workflow import FieldProblem, Move, State


class Evidence(models.TextChoices):
    """Who says so, the strongest first."""

    INDEPENDENT = "independent-evaluation", _("independent evaluation")
    OWNER = "benchmark-owner-leaderboard", _("leaderboard of the benchmark's owner")
    QUOTED = "quoted-by-independent-evaluator", _("quoted by an independent evaluator")
    SELF = "self-reported", _("reported by the model's maker")
    OTHER_LAB = "reported-by-other-lab", _("reported by another lab")
    AGGREGATOR = "aggregator", _("copied by an aggregator")


def as_stated(evaluated: str) -> None:
    """ValidationError: no year, month or day."""
    if evaluated and first_day(evaluated) is None:
        text = gettext("Expected a year, month or day, as in 2025, 2025-04 or 2025-04-30.")
        raise ValidationError(text)


class ScoreQuerySet(models.QuerySet["Score"]):
    def shown(self) -> ScoreQuerySet:
        """What readers see: published, of a model that the catalogue knows. Every page counts these."""
        return self.filter(state="published", model__isnull=False)

    def shown_at(self, moment: datetime) -> ScoreQuerySet:
        """What readers saw at a moment, UTC."""
        published = self.filter(published_at__lte=moment, model__isnull=False)
        return published.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment))

    def unmatched(self) -> ScoreQuerySet:
        """Whose model the catalogue does not know: listed for editors, never shown to readers."""
        return self.filter(model__isnull=True).exclude(state__in=("withdrawn", "archived"))


class Score(Editorial):
    """One figure of one source. Once published its content never changes: a correction is a new row that
    supersedes it, and the old one is withdrawn at the moment the new one is published.

    `label`, `maker`, `raw`, `setting_text`: as the source writes them ("2/30"; "" = not stated). `value`: raw
    in the suite's unit. `setting`: canonical JSON of what could be read from `setting_text`
    (benchmarks.setting), `setting_key` the same as one line; values are compared within one key only.
    `uncertainty`: half of the 95 % interval in the suite's unit, None = not stated. `evaluated_on` None = not
    stated, the first day where only a month is; `evaluated_as`: as precise as the source ("2025-04"). `key`:
    suite, label, setting and cited source, hashed: the same figure read again. `suspect`: the source itself
    looks wrong.
    """

    suite = models.ForeignKey(Suite, on_delete=models.PROTECT, related_name="scores", verbose_name=_("suite"))
    model = models.ForeignKey(
        AIModel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scores",
        verbose_name=_("model"),
    )
    label = models.CharField(_("label in the source"), max_length=200)
    maker = models.CharField(_("maker in the source"), max_length=120, blank=True, default="")
    raw = models.CharField(_("as written"), max_length=40)
    value = models.DecimalField(_("value"), max_digits=9, decimal_places=4)
    uncertainty = models.DecimalField(_("±"), max_digits=8, decimal_places=4, null=True, blank=True)
    setting_text = models.CharField(_("setting as stated"), max_length=400, blank=True, default="")
    setting = models.JSONField(default=dict, blank=True, editable=False)
    setting_key = models.CharField(max_length=120, blank=True, default="", editable=False)
    evidence = models.CharField(_("evidence"), max_length=32, choices=Evidence)
    evidence_note = models.CharField(_("note on the evidence"), max_length=200, blank=True, default="")
    source = models.ForeignKey(
        ScoreSource,
        on_delete=models.PROTECT,
        related_name="scores",
        verbose_name=pgettext_lazy("score", "read from"),
    )
    source_name = models.CharField(_("cited source"), max_length=200)
    source_url = models.URLField(_("address"), max_length=500)
    source_version = models.CharField(_("version or commit"), max_length=120, blank=True, default="")
    licence = models.CharField(_("licence"), max_length=80, blank=True, default="")
    licence_class = models.CharField(
        _("kind of licence"), max_length=16, choices=LicenceClass, default=LicenceClass.UNSTATED
    )
    evaluated_on = models.DateField(_("evaluated"), null=True, blank=True, editable=False)
    evaluated_as = models.CharField(
        _("evaluated, as stated"),
        max_length=10,
        blank=True,
        default="",
        validators=[as_stated],
        help_text=_("As precise as the source: 2024, 2024-04 or 2024-04-30"),
    )
    note = models.CharField(pgettext_lazy("score", "note"), max_length=500, blank=True, default="")
    suspect = models.BooleanField(_("source looks wrong"), default=False)
    key = models.CharField(max_length=64, editable=False)
    run = models.ForeignKey(
        ImportRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="scores", editable=False
    )
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections", editable=False
    )
    seen_at = models.DateTimeField(_("last seen in the source"), null=True, blank=True, editable=False)

    objects = ScoreQuerySet.as_manager()

    class Meta(Editorial.Meta):
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering: ClassVar = ["suite", "model", "-evaluated_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="score_published_is_of_a_model",
                condition=~Q(state__in=("published", "scheduled")) | Q(model__isnull=False),
            ),
            models.CheckConstraint(
                name="score_moments_in_order",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("published_at")),
            ),
            models.CheckConstraint(
                name="score_published_has_its_moment",
                condition=~Q(state="published") | Q(published_at__isnull=False, withdrawn_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="published"), name="score_one_published_per_key"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=("draft", "review", "approved", "scheduled")),
                name="score_one_open_per_key",
            ),
        ]
        indexes: ClassVar = [
            # ScoreQuerySet.shown(): the matrix.
            models.Index(fields=["suite", "model"], name="score_shown", condition=Q(state="published")),
            # benchmarks.admin: the newest of a state.
            models.Index(fields=["state", "-published_at"], name="score_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.suite} · {self.label} · {self.raw}"

    def refuse_move(self, move: Move) -> list[FieldProblem]:
        """On its way to readers it is of a known model, within its suite's scale, and cites an address.

        By itself ("trust") nothing is published whose source looks wrong, or that an aggregator copied.
        """
        if move.target not in (State.REVIEW, State.APPROVED, State.SCHEDULED, State.PUBLISHED):
            return []
        problems = []
        if self.model_id is None:
            problems.append(FieldProblem("model", gettext("Say which model of the catalogue it is.")))
        if not self.source_url:
            problems.append(FieldProblem("source_url", gettext("Give the address where it was read.")))
        least, most = self.suite.scale_min, self.suite.scale_max
        if (least is not None and self.value < least) or (most is not None and self.value > most):
            problems.append(FieldProblem("value", gettext("It lies outside of the suite’s scale.")))
        if move.name == "trust" and self.suspect:
            problems.append(FieldProblem("suspect", gettext("Its source looks wrong: an editor decides.")))
        if move.name == "trust" and self.evidence == Evidence.AGGREGATOR:
            problems.append(FieldProblem("evidence", gettext("An aggregator copied it: an editor decides.")))
        return problems

    @classmethod
    def fit_to_submit(cls, works: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return works.filter(model__isnull=False)

    def takes_move(self, move: Move) -> bool:
        """What was published once is not published again: a correction is another row."""
        return move.name != "reopen" or self.published_at is None

    def derive(self) -> None:
        """The setting as it is read from its text; of a new figure of ours, what it is known by."""
        if self.evaluated_as or self.evaluated_on is None:
            self.evaluated_on = first_day(self.evaluated_as)
        else:
            self.evaluated_as = self.evaluated_on.isoformat()
        setting = read_setting(self.setting_text, self.suite.slug)
        self.setting, self.setting_key = setting.to_json(), setting.key
        if not self.key:
            known = ("by hand", self.suite.slug, self.maker, self.label, self.setting_text)
            cited = (self.source_name, self.source_url)
            self.key = hashlib.sha256("\x1f".join((*known, *cited)).encode()).hexdigest()

    def public_url(self) -> str:
        """ "" for what readers have never seen."""
        return f"/benchmarks/scores/{self.pk}/" if self.published_at and self.model_id else ""
