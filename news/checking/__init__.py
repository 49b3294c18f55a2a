"""Does a quoted passage carry a sentence? Rules for English and Korean, and between them. Pure.

    findings      what a rule finds
    reading       one text as the rules see it: names, dates, quantities, what is negated
    quantities    numbers with their units and scales
    bounds        "up to", "at least", "about"
    dates         days, months, quarters, years, times of day, and relative ones
    naming        names of models, companies and people in both languages
    sounding      unknown names, told by how they sound
    concepts      words of both languages that mean one thing, and their opposites
    clauses       the clauses of a quote, and which of them a sentence tells
    polarity      what is denied, and which way something goes
    modality      what is only possible, planned, heard or demanded
    pairing       which figure belongs to what
    roles         who did it to whom, from where to where
    covering      same-language words, and anchors between languages
    checker       all of them on one sentence

The rules stop what they can show to be wrong or cannot find. They prove nothing: a person reads what passes.
"""

from news.checking.checker import check
from news.checking.findings import BLOCKS, WARNS, Finding, Rule, stops
from news.checking.naming import Spellings

__all__ = ["BLOCKS", "WARNS", "Finding", "Rule", "Spellings", "check", "stops"]
