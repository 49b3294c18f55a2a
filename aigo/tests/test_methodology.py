"""/methodology/ is printed from what the code judges by: whoever changes that changes the page."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from aigo import methodology_scores
from aigo.methodology import CHARGES, RANKINGS, SECTIONS, load_methodology
from aigo.methodology_scores import FITS, LICENCES, POLICIES
from benchmarks import assembly, choosing, composites, filtering, normalising
from benchmarks.models import Evidence, LicenceClass
from benchmarks.refusals import KEPT_BACK
from news.grouping import names, rules, texts
from probes import attempts, confirming, pacing, reachability, sketches
from probes.outcomes import OUTCOMES, Charge
from probes.services import targets, upkeep
from status.board import SORTS
from status.rules import leads, official, slo, table

#: Other modules' constants that the page names; of the rules' own tables it names every one.
NAMED = [
    (confirming, "CONFIRM_JITTER"),
    (pacing, "CALM_STREAK"),
    (reachability, "MIN_PROVIDERS"),
    (reachability, "COMPARED"),
    (sketches, "RELATIVE_ERROR"),
    (attempts, "REASONING_TIMEOUT_S"),
    (targets, "REASONING_INTERVAL_S"),
    (upkeep, "RAW_KEPT"),
    (upkeep, "ROLLUPS_KEPT"),
    (official, "INTERVAL_S"),
    (slo, "TARGET_PCT"),
    (slo, "PERIOD_DAYS"),
    (slo, "MIN_LONG"),
    (slo, "MIN_SHORT"),
    (slo, "MIN_FAILURES"),
    (slo, "OLDER_SHARE"),
    (slo, "CLOSE_SHARE"),
    (assembly, "MOST_COLUMNS"),
    (choosing, "CONFLICT_POINTS"),
    (choosing, "CONFLICT_SHARE"),
    (normalising, "ALL_EQUAL"),
    (normalising, "HEATS"),
    (normalising, "DECIMALS"),
    (texts, "NGRAM"),
    (texts, "BANDS"),
    (texts, "PERMUTATIONS"),
    (names, "KNOWN"),
    (rules, "WINDOW"),
    (rules, "SAME_TEXT"),
    (rules, "SAME_PAGE"),
    (rules, "AGREEMENT"),
    (rules, "LEAST_SHARED"),
    (rules, "SAME_EVENT"),
    (rules, "SAME_EVENT_IN_DOUBT"),
    (rules, "CONTRADICTION"),
    (rules, "CERTAIN_FIGURES"),
    (rules, "DAY_WEIGHT"),
    (rules, "MODEL_WEIGHT"),
]


#: They are in the table of moves, which the page shows.
IN_MOVES = {"OUTAGE_FAILURES", "DEGRADED_FAILURES", "GOOD_IN_A_ROW", "REMEMBERED"}


def plain_constants(module: Any) -> list[tuple[Any, str]]:
    found = vars(module).items()
    plain = [name for name, value in found if name.isupper() and name[0] != "_" and _is_plain(value)]
    return [(module, name) for name in plain if name not in IN_MOVES]


def _is_plain(value: object) -> bool:
    return isinstance(value, (int, float, timedelta)) and not isinstance(value, bool)


def page() -> str:
    """What a reader sees of the sections, without marks."""
    methodology = load_methodology()
    parts = [render_to_string(section.template, {"m": methodology}) for section in SECTIONS]
    return re.sub(r"<[^>]+>", "", " ".join(parts))


ALL = [*plain_constants(table), *plain_constants(leads), *NAMED]


@pytest.mark.parametrize(("module", "name"), ALL, ids=[name for _module, name in ALL])
def test_a_constant_that_changes_is_seen_on_the_page(monkeypatch, module, name):
    value = getattr(module, name)
    changed = timedelta(seconds=7_777) if isinstance(value, timedelta) else type(value)(7_777)
    monkeypatch.setattr(module, name, changed)
    assert re.search(r"7,?777|777,700", page())


def test_tables_of_the_rules_are_on_the_page_as_they_are(monkeypatch):
    limits = table.Thresholds(operational_ms=1_234, degraded_ms=4_321)
    monkeypatch.setattr(table, "THRESHOLDS", {"embedding": limits})
    monkeypatch.setattr(table, "MOVES", (replace(table.MOVES[0], when=table.Attempts(failed=0, of=41)),))
    monkeypatch.setattr(slo, "PAIRS", (replace(slo.PAIRS[0], factor=12.34),))
    monkeypatch.setitem(targets.INTERVAL_S, "A", 47)
    monkeypatch.setitem(attempts.TIMEOUT_S, "C", 53.0)
    text = page()
    for words in ("1,234 ms", "4,321 ms", "41 right answers in a row", "12.34", "47 seconds", "53 seconds"):
        assert words in text
    assert "10,000 ms" not in text


def test_every_outcome_stands_under_who_is_charged():
    found = {
        one.name for _title, _meaning, outcomes in load_methodology().charges for one, _words in outcomes
    }
    assert found == set(OUTCOMES)
    assert set(CHARGES) == set(Charge)


def test_every_order_of_the_board_has_its_rule():
    assert set(RANKINGS) == set(SORTS)


def test_every_class_of_evidence_setting_policy_and_licence_has_its_rule():
    assert {name for name, _label, _rule in load_methodology().scores.evidence} == set(Evidence.values)
    assert set(FITS) == set(choosing.FITS)
    assert set(POLICIES) == set(filtering.NORMS)
    assert set(LICENCES) == set(LicenceClass.values)


def test_rules_of_scores_are_on_the_page_as_they_are(monkeypatch, tmp_path):
    monkeypatch.setattr(choosing, "OPEN_RANGE", 123_450)
    monkeypatch.setattr(choosing, "EVIDENCE", choosing.EVIDENCE[::-1])
    both = {"en": "Mine", "ko": "나의"}
    mix = {"slug": "mine", "name": both, "about": both, "weights": {"mmlu": 1, "ifeval": 7}}
    (tmp_path / "composites.json").write_text(json.dumps({"composites": [mix | {"least_coverage": 0.77}]}))
    monkeypatch.setattr(composites, "DATA", tmp_path / "composites.json")
    monkeypatch.setitem(KEPT_BACK, "untrusted", "its source is a rumour")
    monkeypatch.setattr(methodology_scores, "mixes", composites.mixes.__wrapped__)
    text = page()
    for words in ("2,469 on an open one", "MMLU 12.5 %, IFEval 87.5 %", "77 % of the weights", "a rumour"):
        assert words in text
    assert text.index("Copied from elsewhere") < text.index("Run by somebody")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_has_its_contents_and_asks_the_database_nothing(client, db, lang, django_assert_num_queries):
    client.cookies.load({"django_language": lang})
    with django_assert_num_queries(0):
        html = client.get("/methodology/").content.decode()
    with translation.override(lang):
        for section in SECTIONS:
            assert f'<section class="method__section" id="{section.id}"' in html
            assert f'<li><a href="#{section.id}">{section.title}</a></li>' in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for wanted in (
        "ranking",
        "thresholds",
        "window",
        "sketches",
        "lead",
        "outcome-timeout",
        "simulated",
        "conflicts",
    ):
        assert wanted in ids
