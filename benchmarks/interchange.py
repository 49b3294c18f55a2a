"""Scores in the EvalEval Coalition's common format, "Every Eval Ever" (schema 0.3.0), for other programs.

https://github.com/evaleval/every_eval_ever: one record for one model as one source tells of it, with a result
for each of its figures. The format asks who ran what; we only pass on what was published, so every record is
`documentation`, names the source's own address, and says "unknown" where the source says nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.text import slugify

from aigo.lib.moments import moment_text
from benchmarks.facts import ModelFacts, ScoreFacts, SuiteFacts
from benchmarks.models import Evidence, Unit
from benchmarks.store import Store

SCHEMA_VERSION: Final = "0.3.0"
UNKNOWN: Final = "unknown"
#: Evidence class → what the evaluator is to the model. Who quotes or copies has not evaluated.
RELATIONSHIPS: Final = {
    Evidence.INDEPENDENT: "third_party",
    Evidence.OWNER: "third_party",
    Evidence.QUOTED: "other",
    Evidence.SELF: "first_party",
    Evidence.OTHER_LAB: "third_party",
    Evidence.AGGREGATOR: "other",
}
#: Hosts whose first folder is whose pages they are.
_SHARED_HOSTS: Final = ("github.com", "huggingface.co", "gitlab.com", "raw.githubusercontent.com")
_UNITS: Final = {Unit.PERCENT.value: "percent", Unit.POINTS.value: "points", Unit.ELO.value: "elo"}


def records_of(store: Store, scores: Iterable[ScoreFacts], *, site: str) -> Iterator[dict[str, Any]]:
    """Records in the order of their first figure. `site`: the whole address of this installation."""
    groups: dict[tuple[str, ...], list[ScoreFacts]] = {}
    for score in scores:
        groups.setdefault(_group(score), []).append(score)
    for key, found in groups.items():
        yield _record(store, key, found, site)


def _group(score: ScoreFacts) -> tuple[str, ...]:
    """What is the same in all figures of a record."""
    harness = score.setting.get("harness")
    return (score.model, score.label, score.source_name, score.source_version, score.evidence, harness)


def _record(store: Store, key: tuple[str, ...], scores: Sequence[ScoreFacts], site: str) -> dict[str, Any]:
    first, model = scores[0], store.models[scores[0].model]
    retrieved = max(score.seen_at or score.published_at for score in scores)
    moment = str(int(retrieved.astimezone(UTC).timestamp()))
    digest = hashlib.sha256("\x1f".join(key).encode()).hexdigest()[:8]
    name = f"{slugify(first.source_name)[:60] or 'source'}-{digest}"
    same = {score.evaluated for score in scores} == {first.evaluated}
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{name}/{model.creator}/{model.slug}/{moment}",
        **_told(evaluation_timestamp=first.evaluated if same else ""),
        "retrieved_timestamp": moment,
        "source_metadata": _source(first, site),
        "eval_library": _library(first.setting.get("harness")),
        "model_info": _model(model, first),
        "evaluation_results": [_result(store.suites[score.suite], score, site) for score in scores],
    }


def _source(score: ScoreFacts, site: str) -> dict[str, Any]:
    publisher = publisher_of(score.source_url)
    address = {} if publisher == UNKNOWN else {"source_organization_url": f"https://{publisher}"}
    return {
        "source_name": score.source_name,
        "source_type": "documentation",
        "source_organization_name": publisher,
        **address,
        "evaluator_relationship": RELATIONSHIPS[Evidence(score.evidence)],
        "additional_details": _told(
            evidence_class=score.evidence,
            evidence_note=score.evidence_note,
            source_version=score.source_version,
            licence=score.licence,
            licence_class=score.licence_class,
            collected_by=site,
        ),
    }


def publisher_of(url: str) -> str:
    """Whose pages an address belongs to: "github.com/deepseek-ai"; else the host."""
    parts = urlsplit(url)
    host = parts.hostname or UNKNOWN
    owner = parts.path.strip("/").split("/")[0] if host in _SHARED_HOSTS else ""
    host = "github.com" if host == "raw.githubusercontent.com" else host
    return f"{host}/{owner}" if owner else host


def _library(harness: str) -> dict[str, str]:
    """ "lm-evaluation-harness b281b09" is a name and a version."""
    name, _blank, version = harness.partition(" ")
    return {"name": name or UNKNOWN, "version": version or UNKNOWN}


def _model(model: ModelFacts, score: ScoreFacts) -> dict[str, Any]:
    weights = {True: "open_weights", False: "closed_weights", None: UNKNOWN}[model.open_weights]
    return {
        "name": score.label,
        "id": f"{model.creator}/{model.slug}",
        "developer": model.creator_name,
        "additional_details": {
            "deployment_type": UNKNOWN,
            "model_availability": weights,
            **_told(catalogue_name=model.name, released_on=model.released),
        },
    }


def _result(suite: SuiteFacts, score: ScoreFacts, site: str) -> dict[str, Any]:
    result = {
        "evaluation_result_id": f"ai-go-score-{score.pk}",
        "evaluation_name": suite.name,
        "source_data": _data(suite),
        **_told(evaluation_timestamp=score.evaluated),
        "metric_config": _metric(suite, score),
        "score_details": _score(score, site),
    }
    if score.setting.parts:
        result["generation_config"] = {"additional_details": score.setting.to_json()}
    return result


def _data(suite: SuiteFacts) -> dict[str, Any]:
    urls = list(dict.fromkeys(filter(None, [suite.paper_url, *(url for _name, url in suite.sources)])))
    name = suite.full_name or suite.name
    if not urls:
        return {"dataset_name": name, "source_type": "other"}
    return {"dataset_name": name, "source_type": "url", "url": urls}


def _metric(suite: SuiteFacts, score: ScoreFacts) -> dict[str, Any]:
    config: dict[str, Any] = {
        "evaluation_description": suite.summary.en,
        "metric_id": f"{suite.slug}.{slugify(score.setting.get('metric')) or 'score'}",
        "metric_name": score.setting.get("metric") or suite.metric.en or UNKNOWN,
        "metric_unit": _UNITS[suite.unit],
        "lower_is_better": not suite.higher_is_better,
        "additional_details": _told(setting_key=score.setting.key, setting_text=score.setting_text),
    }
    if suite.scale_min is not None and suite.scale_max is not None:  # "continuous" demands both ends
        config |= {"score_type": "continuous", "min_score": suite.scale_min, "max_score": suite.scale_max}
    return config


def _score(score: ScoreFacts, site: str) -> dict[str, Any]:
    told = _told(
        raw=score.raw,
        source_url=score.source_url,
        note=score.note,
        published_at=moment_text(score.published_at) or "",
        page=f"{site.rstrip('/')}/benchmarks/scores/{score.pk}/",
    )
    details: dict[str, Any] = {"score": score.value, "details": told}
    if score.uncertainty is not None:
        low, high = score.value - score.uncertainty, score.value + score.uncertainty
        interval = {"lower": round(low, 4), "upper": round(high, 4)}
        details["uncertainty"] = {"confidence_interval": interval | {"confidence_level": 0.95}}
    return details


def _told(**details: str) -> dict[str, str]:
    """Those that are stated."""
    return {name: value for name, value in details.items() if value}


def records_text(store: Store, scores: Iterable[ScoreFacts], *, site: str) -> str:
    """All records as one JSON list."""
    records = list(records_of(store, scores, site=site))
    return json.dumps(records, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
