"""What was published stays, whatever way a row is written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from benchmarks.immutability import MAY_CHANGE, lasting_columns, lay_rule
from benchmarks.models import Score
from benchmarks.tests.factories import NOW, make_model, make_score

pytestmark = pytest.mark.django_db


def refused(score: Score, **changes: Any) -> None:
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Score.objects.filter(pk=score.pk).update(**changes)


def test_nothing_of_a_published_score_changes():
    score = make_score()
    for changes in (
        {"value": Decimal("80.1")},
        {"raw": "80.1"},
        {"model": make_model("other")},
        {"uncertainty": Decimal(1)},
        {"source_url": "https://example.org/other"},
        {"published_at": NOW + dt.timedelta(days=1)},
        {"state": "draft"},
    ):
        refused(score, **changes)
    with pytest.raises(ProtectedError):
        score.delete()


def test_it_is_withdrawn_once_and_never_published_again():
    score = make_score()
    Score.objects.filter(pk=score.pk).update(state="withdrawn", withdrawn_at=NOW)
    refused(score, withdrawn_at=NOW + dt.timedelta(days=1))
    refused(score, state="published")
    refused(score, value=Decimal(1))
    Score.objects.filter(pk=score.pk).update(state="archived")
    assert Score.objects.shown_at(NOW).count() == 0


def test_a_draft_is_free_and_what_is_no_content_too():
    draft = make_score(state="draft", published_at=None)
    Score.objects.filter(pk=draft.pk).update(value=Decimal(1), raw="1")
    draft.delete()
    score = make_score()
    Score.objects.filter(pk=score.pk).update(seen_at=NOW, setting_key="shots=5", setting={"shots": "5"})


def test_every_field_either_stays_or_is_named_as_one_that_may_change():
    names = {field.name for field in Score._meta.concrete_fields}
    assert names >= MAY_CHANGE
    assert {"suite_id", "model_id", "label", "raw", "value", "evidence", "published_at"} <= set(
        lasting_columns()
    )


def test_the_rule_is_laid_again_over_itself():
    lay_rule(connection)
    refused(make_score(), raw="1")
