"""Sentences that are no news: those that speak to a machine that reads, and those that praise or sell. Pure.

A list of such words is never whole: it only keeps an extracted summary readable. That nothing false is made
of a page is the fact check's work, which knows no such list.
"""

import re
from typing import Final

_TO_MACHINES: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|prior)"
    r"|\b(?:system|developer) prompt\b"
    r"|\byou are (?:now )?(?:an? )?(?:AI|assistant|summari[sz]er|language model|chatbot)"
    r"|\bas an? (?:AI|language model|assistant)\b"
    r"|\b(?:summari[sz]er|assistant|LLM|model)s?\b.{0,20}\bmust (?:write|say|output)"
    r"|\b(?:respond|reply|output|write|say|print)\b.{0,30}\b(?:only|exactly|following|instead|verbatim|JSON)\b"
    r"|<\|?/?(?:im_start|im_end|system|assistant|user|inst)\b|\[/?INST\]|\"role\"\s*:"
    r"|(?:지시|명령|프롬프트|규칙)\S{0,3}\s?(?:사항)?\S{0,2}\s?(?:모두\s?)?(?:무시|잊)|시스템\s?프롬프트"
    r"|(?:당신|너)는\s.{0,20}(?:AI|인공지능|요약|어시스턴트)"
    r"|(?:대신|그대로|반드시)\s.{0,30}(?:출력|답하|쓰세요|쓰시오|써라|말하)",
    re.IGNORECASE,
)
_SALES: Final = re.compile(
    r"!|\b(?:we(?:['’]re| are) (?:excited|thrilled|proud|delighted|happy)|sign up|subscribe|click here"
    r"|learn more|read more|try it|get started|join us|follow us|contact us|all rights reserved|cookies?)\b"
    r"|구독|클릭|자세히\s?보기|가입하세요|해\s?보세요|하세요|무단\s?전재|저작권|ⓒ|기대합니다|자랑스럽",
    re.IGNORECASE,
)


def speaks_to_machines(text: str) -> bool:
    """Whether it reads like an instruction for whoever summarises it."""
    return _TO_MACHINES.search(text) is not None


def is_news(text: str) -> bool:
    """Whether it may stand in a summary: it tells something, and tells it to readers."""
    return not speaks_to_machines(text) and _SALES.search(text) is None
