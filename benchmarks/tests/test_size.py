"""Five hundred models in forty suites: the matrix is cut from the store in a moment."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from benchmarks.assembly import assemble
from benchmarks.filtering import BenchmarkWish
from benchmarks.loading import load_store
from benchmarks.normalising import Scale
from benchmarks.store import counts_of
from benchmarks.tests.factories import NOW, make_score

#: Seconds of CPU; 0.16 measured with one core to itself. Comparing each with each would take minutes.
MOST_CPU_S = 5.0


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db
def test_500_models_in_40_suites_take_a_moment():
    make_score()
    small = load_store(now=NOW)
    (score,), (suite,), (model,) = small.scores.values(), small.suites.values(), small.models.values()
    suites = {f"s{at}": replace(suite, slug=f"s{at}") for at in range(40)}
    models = {f"m{at}": replace(model, slug=f"m{at}", name=f"M {at}") for at in range(500)}
    scores = [
        replace(score, pk=at * 40 + place, suite=slug, model=name, value=float(at % 97))
        for at, name in enumerate(models)
        for place, slug in enumerate(suites)
    ]
    store = replace(
        small,
        suites=suites,
        models=models,
        scores={one.pk: one for one in scores},
        cells={(one.suite, one.model): (one,) for one in scores},
        references=dict.fromkeys(suites, "shots=5"),
        scales=dict.fromkeys(suites, Scale(0, 96, "scale")),
        anchors=dict.fromkeys(suites, score),
        counts=counts_of(scores),
    )
    began_s = time.process_time()
    matrix = assemble(store, BenchmarkWish(suites=("all",), sort="s3"))
    took_s = time.process_time() - began_s
    assert (len(matrix.rows), len(matrix.suites), matrix.found.scores) == (500, 40, 20_000)
    assert took_s < MOST_CPU_S
