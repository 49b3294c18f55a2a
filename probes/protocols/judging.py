"""From the facts of an answer that began with 200 to its outcome, by the order of the table of blame. Pure.

A stream is complete only when its protocol's terminal marker was seen; the vendors' own SDKs do not check
that.
"""

from collections.abc import Iterable

from probes.protocols.blame import ENDING_IDS, Endings, ErrorRow, classify_stream_error, ending_outcome
from probes.protocols.canary import gives_answer
from probes.protocols.facts import Facts


def judge(
    facts: Facts, ends: Endings, rows: Iterable[ErrorRow], expected_answer: str | None
) -> tuple[str, str]:
    """(outcome, detail) of an answer that began with 200; ("ok", "") when no ending of the table applies."""
    finish = facts.finish.lower()
    no_text = not facts.textless and not facts.text.strip()
    applies = {
        "error_event": facts.stream_error is not None,
        "html": facts.html,
        "malformed": bool(facts.malformed),
        "finish_failed": finish in ends.failed,
        "finish_overloaded": finish in ends.overloaded,
        "finish_blocked": finish in ends.blocked,
        "cut": not facts.complete,
        "our_cap": no_text and finish in ends.length,
        "no_text": no_text,
        "missed": expected_answer is not None and not gives_answer(facts.text, expected_answer),
    }
    found = next((name for name in ENDING_IDS if applies[name]), None)
    if found is None:
        return "ok", ""
    if found == "error_event" and facts.stream_error is not None:
        return classify_stream_error(rows, facts.stream_error), facts.stream_error.summary()
    return ending_outcome(found), _detail(found, facts)


def _detail(found: str, facts: Facts) -> str:
    """One line for the operator. It is cut where it has been scrubbed, not here."""
    if found == "missed":
        return f"answered {facts.text!r}"
    return {
        "html": "an HTML page with status 200",
        "malformed": facts.malformed,
        "cut": "ended without its terminal marker",
        "our_cap": "our output limit left no visible text",
        "no_text": f"no text, finish reason {facts.finish or 'none'}",
        "finish_blocked": f"blocked: finish reason {facts.finish}",
    }.get(found, f"finish reason {facts.finish}")
