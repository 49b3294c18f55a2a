"""Results of EleutherAI's lm-evaluation-harness, as `results_<moment>.json` holds them. Pure.

https://github.com/EleutherAI/lm-evaluation-harness: `results`: task → {"<metric>,<filter>": share of 1 and
"<metric>_stderr,<filter>"}; `n-shot`, `model_name`, `date` (seconds since 1970), `lm_eval_version`. Each
metric of a task is a figure of its own setting: acc and acc_norm of one task are not comparable.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

from benchmarks.adapters.documents import has_keys, mapping, read_json
from benchmarks.adapters.origins import Origin
from benchmarks.rows import HALF_INTERVAL, BadCell, Cells, Reading, ScoreRow, clean_text, figure, spread

SOURCE: Final = "lm-evaluation-harness results"
_KEYS: Final = frozenset({"results", "config"})
#: Task → the suite and its metrics; what is not named here (perplexities, subtasks) is left out.
_TASKS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "mmlu": ("mmlu", ("acc",)),
    "mmlu_pro": ("mmlu-pro", ("exact_match",)),
    "leaderboard_mmlu_pro": ("mmlu-pro", ("acc",)),
    "arc_challenge": ("arc-c", ("acc", "acc_norm")),
    "hellaswag": ("hellaswag", ("acc", "acc_norm")),
    "gsm8k": ("gsm8k", ("exact_match",)),
    "gsm8k_cot": ("gsm8k", ("exact_match",)),
    "bbh": ("bbh", ("exact_match",)),
    "bbh_cot_fewshot": ("bbh", ("exact_match",)),
    "drop": ("drop", ("em", "f1")),
    "truthfulqa_mc1": ("truthfulqa", ("acc",)),
    "truthfulqa_mc2": ("truthfulqa", ("acc",)),
    "ifeval": ("ifeval", ("prompt_level_strict_acc", "inst_level_strict_acc")),
    "leaderboard_ifeval": ("ifeval", ("prompt_level_strict_acc", "inst_level_strict_acc")),
    "humaneval": ("humaneval", ("pass@1",)),
    "humaneval_plus": ("humaneval-plus", ("pass@1",)),
    "hendrycks_math": ("math", ("exact_match",)),
    "minerva_math": ("math", ("exact_match", "math_verify")),
    "gpqa_diamond_zeroshot": ("gpqa-diamond", ("acc", "acc_norm")),
    "gpqa_diamond_cot_zeroshot": ("gpqa-diamond", ("exact_match",)),
    "gpqa_main_zeroshot": ("gpqa", ("acc", "acc_norm")),
    "kmmlu": ("kmmlu", ("acc",)),
}


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another shape."""
    reading = Reading(foreign=True)
    file = has_keys(read_json(data), _KEYS, 0)
    for place, (task, item) in enumerate(
        mapping(file["results"], "results: {task: figures}").items(), start=1
    ):
        figures = mapping(item, "{metric,filter: figure}", place)
        suite, metrics = _TASKS.get(task, ("", ()))
        for key, value in figures.items():
            metric, _comma, kind = key.partition(",")
            if metric in ("alias", "name", "sample_len", "sample_count") or metric.endswith("_stderr"):
                continue
            if metric not in metrics:
                reading.leave_out(f"not a figure of a suite: {task[:60]}")
                continue
            cells = {"model": _model(file), "figure": value, "stderr": figures.get(f"{metric}_stderr,{kind}")}
            setting = _setting(file, task, metric, kind)
            make = partial(_row, suite=suite, setting=setting, file=file, origin=origin)
            reading.read(place, make, cells)
    return reading


def _model(file: Mapping[str, Any]) -> Any:
    name = file.get("model_name")
    if name:
        return name
    arguments = mapping(file["config"], "config").get("model_args")
    pairs = (part.partition("=") for part in arguments.split(",")) if isinstance(arguments, str) else ()
    return next((value for key, _equals, value in pairs if key in ("pretrained", "model")), "")


def _setting(file: Mapping[str, Any], task: str, metric: str, kind: str) -> str:
    shots = file.get("n-shot", {}).get(task) if isinstance(file.get("n-shot"), dict) else None
    said = [f"{shots}-shot" if isinstance(shots, int) and not isinstance(shots, bool) else ""]
    said += ["CoT" if "cot" in task.split("_") else "", f"metric={metric}", "lm-evaluation-harness"]
    said += [
        "" if kind in ("", "none") else f"filter {kind}",
        "" if task in ("mmlu", "gsm8k") else f"task {task}",
    ]
    return "; ".join(filter(None, said))


def _row(cells: Cells, suite: str, setting: str, file: Mapping[str, Any], origin: Origin) -> ScoreRow:
    label = cells.text("model", "label", required=True)
    error = _share(cells, "stderr")
    raw = _share(cells, "figure")
    if raw is None:
        raise BadCell("missing")
    value, unit = figure(str(raw), "fraction")
    version = file.get("lm_eval_version")
    return ScoreRow(
        suite=suite, label=label, raw=str(raw), value=value, unit=unit,
        uncertainty=None if error is None else spread(100 * HALF_INTERVAL * error),
        setting=clean_text(setting, "setting"),
        evidence="independent-evaluation", source_name=SOURCE, source_url=origin.url,
        source_version=clean_text(version, "source_version") if isinstance(version, str) else "",
        licence=origin.licence, evaluated=_day(file.get("date")),
    )  # fmt: skip


def _share(cells: Cells, column: str) -> Decimal | None:
    """A share of 1 with all its places ("0.6561447811447811"); "N/A" = none."""
    cells.column = column
    value = cells.value()
    if value is None or value == "N/A":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise BadCell("not_a_number")
    try:
        return Decimal(value).quantize(Decimal("0.000001"))
    except InvalidOperation:
        raise BadCell("not_a_number") from None


def _day(seconds: Any) -> str:
    if not isinstance(seconds, (int, Decimal)) or isinstance(seconds, bool) or not 0 < seconds < 10**11:
        return ""
    return datetime.fromtimestamp(float(seconds), UTC).date().isoformat()
