"""How sources say a setting: phrase → field of benchmarks.setting, in one table. Pure."""

import re
from collections.abc import Callable
from typing import Final

#: What a phrase says: a template of the match, or made from it.
Value = str | Callable[[re.Match[str]], str]
_NUMBERS: Final = {"zero": "0", "one": "1", "two": "2", "three": "3", "five": "5"}
_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH: Final = "|".join(_MONTHS)


def _shots(match: re.Match[str]) -> str:
    return _NUMBERS.get(match[1], match[1])


def _months(match: re.Match[str]) -> str:
    """Aug 24 - May 25."""
    first, year, last, end = match.groups()
    return f"20{year}-{_MONTHS.index(first) + 1:02}..20{end}-{_MONTHS.index(last) + 1:02}"


def _year_month(match: re.Match[str]) -> str:
    """2408-2505 and 24/8~25/5."""
    year, month, end, last = (int(part) for part in match.groups())
    return f"20{year}-{month:02}..20{end}-{last:02}"


def _days(match: re.Match[str]) -> str:
    """8/1/24-2/1/25, as Americans write dates."""
    month, day, year, last, until, end = (int(part) for part in match.groups())
    return f"{year % 100 + 2000}-{month:02}-{day:02}..{end % 100 + 2000}-{last:02}-{until:02}"


def _budget(match: re.Match[str]) -> str:
    """A budget of thinking: 32000 and 32768 are both written 32k, as Aider's own labels do."""
    number, thousands = match[1], match[2]
    if thousands:
        return f"{number}k"
    thousand = next((one for one in (1000, 1024) if int(number) % one == 0), 1)
    return f"{int(number) // thousand}k" if thousand > 1 else number


def _metric(match: re.Match[str]) -> str:
    found = re.sub(r"[\s.]+", " ", match[1]).strip()
    return _METRICS.get(found, found)


_METRICS: Final = {
    "acc": "acc", "accuracy": "acc", "relaxedaccuracy/accuracy": "relaxed acc", "exact match": "em",
    "em": "em", "final_em": "final_em", "f1": "f1", "f1 score": "f1", "token f1 score": "f1",
    "prompt strict": "prompt strict", "strict-prompt": "prompt strict", "strict prompt acc": "prompt strict",
    "prompt-strict": "prompt strict", "prompt strict-acc": "prompt strict", "mc": "mc", "mc2": "mc2",
}  # fmt: skip


def _table(*rows: tuple[str, str, Value]) -> list[tuple[re.Pattern[str], str, Value]]:
    return [(re.compile(pattern), field, value) for pattern, field, value in rows]


#: Tried in this order, each wherever it fits. A field of "" says nothing of the setting.
PATTERNS: Final = _table(
    (r"\bchain-of-thought hub config\b", "harness", "chain-of-thought hub"),
    # attempts
    (r"(?:metric=)?\(?em_maj1@1\)?", "attempts", "maj@1"),
    # the mean of single attempts: pass@1, and of how many
    (r"(?<!=)(?=(?:metric=)?\bavg@(\d+))", "samples", r"\1"),
    (r"(?:metric=)?\bavg@\d+", "attempts", "pass@1"),
    (r"(?:metric=)?\bpass ?@(\d+)(?: accuracy)?", "attempts", r"pass@\1"),
    (r"\bmaj(?:ority)?@(\d+)", "attempts", r"maj@\1"),
    (r"\bmaj\b", "attempts", "maj"),
    (r"\bcons@(\d+)", "attempts", r"cons@\1"),
    (r"(?:with )?(?:multiple )?parallel (?:test-time compute|attempts)", "attempts", "parallel"),
    (r"metric=multiple attempts|\bmultiple attempts\b", "attempts", "multiple"),
    (r"metric=single attempt|\bsingle attempt\b", "attempts", "pass@1"),
    (r"pass_rate_2 \(two tries\)", "attempts", "two tries"),
    # samples
    (r"\(?mean of (\d+) samples per task\)?|(\d+) samples\b", "samples", lambda m: m[1] or m[2]),
    (r"(?P<names>[a-z]+(?:/[a-z]+)*) avg of (?P<n>\d+)", "suites", ""),
    # shots
    (r"\b(\d+|zero|one|two|three|five) ?-?shots?\b", "shots", _shots),
    (r"\b(few|variable)[ -]shots?\b", "shots", r"\1"),
    # prompt
    (r"\bchain[- ]of[- ]thought\b(?! reasoning)", "prompt", "cot"),
    (r"\bcot\b", "prompt", "cot"),
    (r"\bdirect\b", "prompt", "direct"),
    (r"\bchat prompt\b", "format", "chat"),
    (r"\bcompletion \(base\) prompt\b", "format", "completion"),
    # effort
    (r"\bno (?:extended )?thinking\b|\bnon-thinking(?: mode)?\b|\bwithout thinking mode\b", "effort", "off"),
    (r"\bthinking mode where offered\b", "effort", "where offered"),
    (r"\bdefault thinking\b", "effort", "default"),
    (r"\breasoning(?:_effort)?=(low|medium|high|xhigh|minimal)\b", "effort", r"\1"),
    (r"\breasoning(?:_effort)?=none\b", "effort", "off"),
    (r"\b(?:reasoning|thinking|thinking_tokens)=([1-9]\d*)(k?)\b", "effort", _budget),
    (r"\bthinking_tokens=0\b", "effort", "off"),
    (r"\bextended thinking \(up to (\d+)(k) tokens\)", "effort", _budget),
    (r"\bthinking mode enabled \(up to (\d+)(k) tokens\)", "effort", _budget),
    (r"\b(?:with )?(?:extended )?thinking(?: mode)?(?: enabled)?\b(?! budget)", "effort", "on"),
    (r"(?:(?<=[,;\x1f(] )|(?<=[(\x1f])|^)reason(?:ing|er)(?: mode)?(?: on)?(?=[ (]*(?:[,;)\x1f]|$))",
     "effort", "on"),
    (r"\bchat mode\b", "effort", "off"),
    (r"\bo[134]-mini[ -]high\b", "effort", "high"),
    # tools
    (r"\(?\bw/o tool use\b\)?|\b(?:with )?no tools\b|\bwithout tools\b", "tools", "none"),
    # what is measured
    (r"(?:metric=)?\bavg\(prompt/instruction acc loose/strict\)",
     "metric", "avg of prompt and instruction, loose and strict"),
    (r"\bmean of prompt/instruction x strict/loose\b",
     "metric", "avg of prompt and instruction, loose and strict"),
    (r"metric=([a-z_/\- 0-9]+?)(?= \(acc\)|[;,(]|\x1f|$)", "metric", _metric),
    (r"\b(prompt[ -]strict(?:-acc)?|strict[ -]prompt(?: acc)?)\b\.?", "metric", _metric),
    (r"\b((?:token )?f1(?: score)?|exact match|final_em|em|relaxedaccuracy/accuracy|mc2)\b",
     "metric", _metric),
    (r"\b((?:macro|micro)_avg/[a-z_]+)", "metric", _metric),
    (r"\b(macro|micro) (?:average|avg) accuracy\b", "metric", r"\1_avg/acc"),
    (r"\bgeneration; % truthful and informative\b", "metric", "% truthful and informative"),
    (r"\bgpt-4 judge; single-answer grading\b", "metric", "gpt-4 judge, single answer"),
    (r"\b80 questions x 2 turns\b", "items", "80 x 2"),
    (r"\bresolved\b", "metric", "resolved"),
    # who ran it, with what
    (r"\bepoch ai inspect run; ", "harness", "epoch inspect"),
    (r"\btask v(\d+\.\d+\.\d+)", "release", r"task v\1"),
    (r"\blm-evaluation-harness(?: ([a-z]{3} \d{4}) \(([0-9a-f]{7})\))?", "harness",
     lambda m: f"lm-evaluation-harness {m[2]}" if m[2] else "lm-evaluation-harness"),
    (r"\bhelm implementation \(([0-9a-f]{7})\)", "harness", r"helm \1"),
    (r"\bhelm\b", "harness", "helm"),
    (r"\boriginal berkeley implementation\b", "harness", "original"),
    (r"\bopen llm leaderboard v1 settings(?: \(per gemma 2 report\))?", "harness", "open llm leaderboard v1"),
    (r"\b(opencompass|simple-evals|fastchat|artificial analysis|olmes)\b(?: methodology)?", "harness", r"\1"),
    (r"\b(?:readme points to )?evalplus(?: harness)?\b", "harness", "evalplus"),
    (r"\bagentless-derived scaffold\b", "scaffold", "agentless-derived"),
    (r"\bagentless coding\b", "scaffold", "agentless"),
    (r"\b(openhands(?:/r2e-gym)?|moatless|agentless)(?: (v[\d.]+))?(?: scaffold)?", "scaffold",
     lambda m: f"{m[1]} {m[2]}" if m[2] else m[1]),
    (r"\bagentic coding\b", "scaffold", "agentic"),
    (r"\bedit_format=([a-z-]+)", "format", r"\1"),
    (r"^(diff-fenced|whole)$|(?<=\()(whole)(?=[,)])", "format", lambda m: m[1] or m[2]),
    (r"\bn=(\d+)\b(?! for)", "items", r"\1"),
    # which problems
    (r"\b(20\d\d-\d\d-\d\d)\.\.(20\d\d-\d\d-\d\d)\b", "window", r"\1..\2"),
    (r"\ball problems in file\b", "", ""),
    (r"\bproblems dated from 20\d\d-\d\d-\d\d\b", "", ""),
    (rf"\b({_MONTH}) (\d\d) ?- ?({_MONTH}) (\d\d)\b", "window", _months),
    (r"\b(2[3-6])(0[1-9]|1[0-2])-(2[3-6])(0[1-9]|1[0-2])\b", "window", _year_month),
    (r"\b(2[3-6])/(\d{1,2}) ?[~-] ?(2[3-6])/(\d{1,2})\b", "window", _year_month),
    (r"\b(\d{1,2})/(\d{1,2})/(20\d\d|\d\d) ?- ?(\d{1,2})/(\d{1,2})/(20\d\d|\d\d)\b", "window", _days),
    (r"\b(v[1-9])\b", "release", r"\1"),
    (r"\bdiamond\b(?: subset)?", "subset", "diamond"),
    (r"(?<=[;,] )(\d+) subjects(?=[;,]|$)", "subset", r"\1 subjects"),
    (r"\bval(?:idation)?\b", "subset", "val"),
    (r"(?<=[ ,;\x1f])test(?=[,;\x1f ]*\x1f|$)|\btest set evaluation\b", "subset", "test"),
    (r"\b10 opts\b", "format", "10 options"),
    (r"\bstd/vision\b", "subset", "standard and vision"),
    # how it was sampled
    (r"\bgreedy\b", "sampling", "greedy"),
    (r"\bmax 32k output[;,] t=0\.6 top-p 0\.95 \(own models\)", "sampling", "max 32k, t 0.6, top-p 0.95"),
    (r"\bt=([\d.]+)(?: top-p ([\d.]+))?", "sampling",
     lambda m: f"t {m[1].rstrip('.')}, top-p {m[2]}" if m[2] else f"t {m[1].rstrip('.')}"),
    (r"\boutput limited to 8k\b|\b8k output limit\b", "sampling", "max 8k"),
    # what is obvious from the suite
    (r"\bacc(?:uracy)?\b\.?(?! on\b)", "metric", "acc"),
)  # fmt: skip

#: Says nothing of the setting.
NOTHING: Final = re.compile(
    r"\b(?:(?:chat )?shots?|settings?|mc variant|prompt)(?: [a-z]+)? not (?:stated|recorded)"
    r"(?: in (?:readme|card|copy))?"
    r"|\bshots (?:in the paper|as in readme table above for base)\b|\bnot in readme\b"
    r"|\bas reported by owner\b|\bprompt unknown\b|\bquantisation in model label\b"
    r"|^(?:not specified|unspecified|n/a)$"
    r"|\b(?:gpqa|gsm8k|humaneval\+?|ifeval|livecodebench|math|mmlu-pro|mmlu|mt-bench|truthfulqa|bbh|hellaswag"
    r"|arc-c)(?=[ \x1f]+benchmark evaluation)"
    r"|^lcb(?=[;,\x1f ])|^score(?=, )|\bresult files in repo are\b|^verified$"
    r"|\b(?:standard(?:ized)? |benchmark )(?:evaluation|benchmark)\b(?! (?:across|of))"
    r"|\bbenchmark (?:evaluation|score)\b|\bevaluation\b(?=[ \x1f]*$)|^standard$"
    r"|\bcode generation\b(?=[;\x1f])"
)
