"""Files that mean harm, in every format: refused with a reason, or read; never an accident, never in part."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.adapters import FORMATS, Origin
from benchmarks.models import ImportRun, Score
from benchmarks.refusals import REFUSALS
from benchmarks.rows import LENGTHS, MOST_VALUE, Reading, ReadingError
from benchmarks.services import import_suites
from benchmarks.services.seeding import DATA
from benchmarks.tests.factories import NOW

pytestmark = pytest.mark.only_on("sqlite")

SAMPLES = Path(__file__).parent / "samples"
ORIGIN = Origin(url=f"https://raw.example/owner/repository/{'0' * 40}/file", content_hash="ab")
GOOD = {
    "aider": "aider.yml", "evalplus": "evalplus.json", "swe-bench": "swe_bench.json",
    "epoch-runs": "epoch_runs.csv", "epoch-gsm8k": "epoch_gsm8k.csv", "llm-stats": "llm_stats.json",
    "lm-eval": "lm_eval.json", "every-eval-ever": "every_eval_ever.json", "helm": "helm.json",
}  # fmt: skip
BYTES = {
    "nothing": b"",
    "a mark of order alone": b"\xef\xbb\xbf",
    "UTF-16": "suite,model".encode("utf-16"),
    "Latin-1": "modèle".encode("latin-1"),
    "NUL": b"suite\x00,model",
    "deep JSON": b"[" * 200_000,
    "deep objects": b'{"a":' * 50_000,
    "deep YAML": b"[" * 5_000,
    "a YAML bomb": b"a: &a [x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (at + 1, at + 1, b",".join([b"*%c" % at] * 9)) for at in b"abcdefg"),
    "a YAML object": b"!!python/object/apply:os.system ['true']",
    "NaN": b'{"a": NaN}',
    "infinity": b"[Infinity, -Infinity, 1e999]",
    "a number of ten thousand digits": b"[" + b"9" * 10_000 + b"]",
    "a YAML number of ten thousand digits": b"- model: " + b"9" * 10_000,
    "a text": b'"text"',
    "null": b"null",
    "a page": b"<!doctype html><title>404</title>",
    "an open quote": b'suite,"model\n',
    "one cell of a megabyte": b'"' + b"x" * 1_000_000 + b'"',
    "a surrogate": b'["\\ud800"]',
    "the same key twice": b'{"results": {}, "results": []}',
    "the same column twice": b"model,model\nx,y\n",
}  # fmt: skip
#: In place of any value of a document.
LEAVES: tuple[Any, ...] = (
    None, True, [], {}, [[]], "", "=HYPERLINK(1)", "@x", "\tx", "x\x00", "x" * 100_000, "²", "NaN", "1e9",
    float("nan"), float("inf"), 1e300, -1, 10**400, "\ud800", {"a": {"b": []}},
)  # fmt: skip


def read(name: str, data: bytes) -> Reading:
    """As benchmarks.services.fetching.parse does; any other error is a fault of ours."""
    try:
        reading = FORMATS[name].read(data, ORIGIN)
    except ReadingError as error:
        return Reading(faults=[error.fault])
    assert all(fault.code in REFUSALS for fault in reading.faults)
    for row in reading.rows:
        assert abs(row.value) < MOST_VALUE
        assert row.uncertainty is None or 0 <= row.uncertainty < MOST_VALUE
        for text in (
            row.suite,
            row.label,
            row.maker,
            row.setting,
            row.note,
            row.source_name,
            row.evidence_note,
        ):
            assert not text.startswith(("=", "+", "-", "@", "\t"))
            text.encode()
        assert len(row.label) <= LENGTHS["label"]
        assert len(row.setting) <= LENGTHS["setting"]
    return reading


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_no_such_file_is_refused(name: str):
    for what, data in BYTES.items():
        reading = read(name, data)
        assert reading.rows == [], what
        assert reading.faults, what


@pytest.mark.parametrize("name", [name for name in GOOD if GOOD[name].endswith(".json")])
@settings(max_examples=30)
@given(data=st.data())
def test_any_value_may_stand_anywhere_in_a_document(name: str, data: st.DataObject):
    document = json.loads((SAMPLES / GOOD[name]).read_bytes())
    places = list(islice(_places(document), 400))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(st.sampled_from(LEAVES))
    read(name, json.dumps(document).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=20)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(name: str, data: st.DataObject):
    whole = (SAMPLES / GOOD[name]).read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    gone = data.draw(st.sampled_from((0, 1, 3, 40, len(whole))))
    put = data.draw(
        st.sampled_from((b"", b"\xff", b"\x00", b'"', b"\n", b",", b"=1+1", b"&a [*a]", b"{", b"9" * 5_000))
    )
    read(name, whole[:start] + put + whole[start + gone :])


def _places(value: Any) -> Any:
    """(holder, key) of everything inside."""
    items = list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in items:
        yield value, key
        yield from _places(inner)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("suite", "No such suite"),
        ("score_raw", "140"),
        ("score_raw", "NaN"),
        ("score_raw", "9" * 30),
        ("model_label_in_source", "=cmd|' /C calc'!A0"),
        ("source_url", "javascript:alert(1)"),
        ("evaluated_at", "2025-13-40"),
        ("unit", "elo"),
        ("note", "x" * 501),
    ],
)
def test_one_bad_cell_among_hundreds_and_nothing_is_imported(column: str, value: str, tmp_path: Path):
    import_suites(now=NOW)
    header, *lines = (DATA / "scores.csv").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.startswith("MMLU,") and '"' not in line and ",percent," in line][
        :200
    ]
    cells = dict(zip(header.split(","), lines[-1].split(","), strict=True)) | {column: value}
    file = tmp_path / "scores.csv"
    file.write_text("\r\n".join([header, *lines, ",".join(cells.values())]), encoding="utf-8-sig")
    with pytest.raises(CommandError, match="nothing was changed") as refused:
        call_command("import_scores", source="seed", file=file)
    place = f"row {len(lines) + 2}, {column}"
    assert place in str(refused.value).replace("score:", "score_raw:").replace("score (", "score_raw (")
    assert not Score.objects.exists()
    (run,) = ImportRun.objects.all()
    assert (run.applied_at, run.rows, run.new) == (None, 0, 0)
    (problem,) = run.problems
    assert problem["row"] == len(lines) + 2
