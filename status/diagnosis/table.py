"""The rules of "Is it me or them?" as data, read as the specification; first match wins. Pure."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aigo.lib.marking import gettext_noop as _
from status.diagnosis.kinds import Kind
from status.diagnosis.sight import Sign


class Answer(StrEnum):
    THEM = "them"
    YOU = "you"
    UNCLEAR = "unclear"


class Confidence(StrEnum):
    """How sure an answer is. An unclear one has none.

    confirmed: the error and our measurement at that time say the same. likely: one of both says it, and the
    other does not contradict.
    """

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    NONE = ""


class Advice(StrEnum):
    """What to do next; the words and links are `status.diagnosing`'s."""

    WAIT = "wait"
    BACK_OFF = "back_off"
    KEY = "key"
    MONEY = "money"
    COUNTRY = "country"
    MODEL = "model"
    REQUEST = "request"
    SHORTEN = "shorten"
    FILTER = "filter"
    LIMITS = "limits"
    NETWORK = "network"
    CLOCK = "clock"
    PROXY = "proxy"
    PATIENCE = "patience"
    ELSEWHERE = "elsewhere"
    SUPPORT = "support"
    AGAIN = "again"
    PASTE = "paste"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Holds where the error is of one of `kinds` (empty = any), all signs of `needs` are there and none of
    `without`. `why`: one English sentence, what an answer rests on.
    """

    id: str
    answer: Answer
    why: str
    confidence: Confidence = Confidence.NONE
    kinds: Set[Kind] = frozenset()
    needs: Set[Sign] = frozenset()
    without: Set[Sign] = frozenset()
    advice: tuple[Advice, ...] = ()

    def holds(self, kind: Kind, signs: Set[Sign]) -> bool:
        return (
            (not self.kinds or kind in self.kinds) and self.needs <= signs and self.without.isdisjoint(signs)
        )


_CONFIRMED, _LIKELY = Confidence.CONFIRMED, Confidence.LIKELY
_THEM, _YOU, _UNCLEAR = Answer.THEM, Answer.YOU, Answer.UNCLEAR
#: What the error itself lays at the caller's door.
_CALLER: Final = frozenset({Kind.KEY, Kind.COUNTRY, Kind.MISSING, Kind.LARGE, Kind.FILTERED, Kind.REQUEST})
#: What lies between both.
_WAY: Final = frozenset({Kind.CONNECT, Kind.NAME, Kind.CERTIFICATE})
_SERVERS: Final = frozenset({Kind.SERVER, Kind.BROKEN, Kind.CAPACITY, Kind.TIMEOUT})
#: Of these the kind of the error chooses.
_CALLERS_PART: Final = (
    *(Advice.KEY, Advice.MONEY, Advice.COUNTRY, Advice.MODEL),
    *(Advice.SHORTEN, Advice.FILTER, Advice.REQUEST),
)
_WAIT: Final = (Advice.WAIT, Advice.ELSEWHERE, Advice.SUPPORT)

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="retired",
        kinds={Kind.MISSING, Kind.REQUEST},
        needs={Sign.RETIRED},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("The provider no longer serves this model: ask for another one."),
        advice=(Advice.MODEL, Advice.ELSEWHERE),
    ),
    Rule(
        id="unmeasured-caller",
        kinds=_CALLER | {Kind.MONEY},
        needs={Sign.UNMEASURED},
        answer=_UNCLEAR,
        why=_("The error names your request or your account; nothing measured confirms or contradicts it."),
        advice=(*_CALLERS_PART, Advice.ELSEWHERE),
    ),
    Rule(
        id="unmeasured",
        needs={Sign.UNMEASURED},
        answer=_UNCLEAR,
        why=_("Without a measurement nothing stands beside your error that could confirm or contradict it."),
        advice=(Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS, Advice.ELSEWHERE),
    ),
    # --- what the error itself lays at the caller's door -------------------------------------------------
    Rule(
        id="proxy",
        kinds={Kind.PROXY},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("The request never left your own machine or network."),
        advice=(Advice.PROXY,),
    ),
    Rule(
        id="money-well",
        kinds={Kind.MONEY},
        needs={Sign.WELL_HERE},
        without={Sign.REACHABILITY},
        answer=_YOU,
        confidence=_CONFIRMED,
        why=_("The error names your account’s money, and the provider answered others at that time."),
        advice=(Advice.MONEY,),
    ),
    Rule(
        id="money",
        kinds={Kind.MONEY},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("The error names your account’s money; no trouble of the provider’s causes that."),
        advice=(Advice.MONEY,),
    ),
    Rule(
        id="left",
        kinds={Kind.LEFT},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("Your client did not wait for the answer."),
        advice=(Advice.PATIENCE, Advice.ELSEWHERE),
    ),
    Rule(
        id="same-refusal",
        kinds={Kind.KEY, Kind.MISSING},
        needs={Sign.SAME},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("Two accounts that know nothing of each other were refused in the same way."),
        advice=(Advice.SUPPORT, Advice.ELSEWHERE),
    ),
    Rule(
        id="same-request",
        kinds=_CALLER,
        needs={Sign.SAME},
        answer=_UNCLEAR,
        why=_("Our own requests were refused as well: both are wrong, or the provider refuses right ones."),
        advice=(Advice.REQUEST, Advice.ELSEWHERE),
    ),
    Rule(
        id="key-in-trouble",
        kinds={Kind.KEY},
        needs={Sign.FAILED_HERE},
        answer=_UNCLEAR,
        why=_("The error names your key, but while so much fails, checking keys may fail, too."),
        advice=(Advice.WAIT, Advice.KEY),
    ),
    Rule(
        id="caller-well",
        kinds=_CALLER,
        needs={Sign.WELL_HERE},
        without={Sign.REACHABILITY},
        answer=_YOU,
        confidence=_CONFIRMED,
        why=_("The error names your request or your account, and other requests were answered at that time."),
        advice=_CALLERS_PART,
    ),
    Rule(
        id="caller",
        kinds=_CALLER,
        answer=_YOU,
        confidence=_LIKELY,
        why=_("The error names your request or your account."),
        advice=_CALLERS_PART,
    ),
    # --- too many requests ---------------------------------------------------------------------------------
    Rule(
        id="rate-throttled",
        kinds={Kind.RATE},
        needs={Sign.THROTTLED},
        answer=_UNCLEAR,
        why=_("The error names your limit, but our own, slow requests were turned away as well."),
        advice=(Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS, Advice.ELSEWHERE),
    ),
    Rule(
        id="rate-well",
        kinds={Kind.RATE},
        needs={Sign.WELL_HERE},
        without={Sign.REACHABILITY},
        answer=_YOU,
        confidence=_CONFIRMED,
        why=_("The error counts your requests against your limit, and others were answered at that time."),
        advice=(Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS),
    ),
    Rule(
        id="rate",
        kinds={Kind.RATE},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("The error counts your requests against your limit."),
        advice=(Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS),
    ),
    Rule(
        id="throttle-throttled",
        kinds={Kind.THROTTLE},
        needs={Sign.THROTTLED},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("Our own requests, a few in a minute, were turned away as well: that is their capacity."),
        advice=_WAIT,
    ),
    Rule(
        id="throttle-failed",
        kinds={Kind.THROTTLE},
        needs={Sign.FAILED_HERE},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("A provider in trouble turns requests away to protect what is left."),
        advice=_WAIT,
    ),
    Rule(
        id="throttle-well",
        kinds={Kind.THROTTLE},
        needs={Sign.WELL_HERE},
        without={Sign.REACHABILITY},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("Others were answered at that time, so your own limit is the likelier reason."),
        advice=(Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS),
    ),
    Rule(
        id="throttle",
        kinds={Kind.THROTTLE},
        answer=_UNCLEAR,
        why=_("A 429 that says nothing may be your limit or their capacity."),
        advice=(Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS, Advice.PASTE),
    ),
    # --- what may be the provider's ----------------------------------------------------------------------
    Rule(
        id="failed",
        kinds=_SERVERS | _WAY,
        needs={Sign.FAILED_HERE},
        answer=_THEM,
        confidence=_CONFIRMED,
        why=_("Your error and our own attempts say the same."),
        advice=_WAIT,
    ),
    Rule(
        id="edge-same",
        kinds={Kind.EDGE},
        needs={Sign.SAME},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("The same page stood in our way."),
        advice=_WAIT,
    ),
    Rule(
        id="anything-failed",
        kinds={Kind.UNKNOWN, Kind.EDGE},
        needs={Sign.FAILED_HERE},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("Whatever your error says: requests to it failed at that time."),
        advice=_WAIT,
    ),
    Rule(
        id="incident",
        kinds=_SERVERS | _WAY | {Kind.UNKNOWN, Kind.EDGE},
        needs={Sign.INCIDENT},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("An incident that our measurements opened was not over."),
        advice=_WAIT,
    ),
    Rule(
        id="provider",
        kinds=_SERVERS | _WAY | {Kind.UNKNOWN, Kind.EDGE},
        needs={Sign.PROVIDER},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("The provider was failing beyond this model."),
        advice=_WAIT,
    ),
    Rule(
        id="official",
        kinds=_SERVERS | _WAY,
        needs={Sign.OFFICIAL},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("The provider itself told of trouble at that time."),
        advice=_WAIT,
    ),
    Rule(
        id="shaky",
        kinds=_SERVERS | _WAY,
        needs={Sign.SHAKY_HERE},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("A part of our own attempts failed as well."),
        advice=_WAIT,
    ),
    Rule(
        id="capacity",
        kinds={Kind.CAPACITY},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("The provider says so itself; small requests like ours may still get through."),
        advice=_WAIT,
    ),
    Rule(
        id="once",
        kinds={Kind.SERVER, Kind.BROKEN},
        needs={Sign.ONCE_HERE},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("A request of ours failed at that time, too: single requests were lost."),
        advice=(Advice.WAIT, Advice.AGAIN, Advice.ELSEWHERE),
    ),
    Rule(
        id="slow",
        kinds={Kind.TIMEOUT},
        needs={Sign.SLOW},
        answer=_THEM,
        confidence=_LIKELY,
        why=_("Our own answers took unusually long, too."),
        advice=(Advice.PATIENCE, Advice.ELSEWHERE),
    ),
    Rule(
        id="elsewhere",
        kinds=_SERVERS | _WAY | {Kind.UNKNOWN, Kind.EDGE},
        needs={Sign.FAILED_ELSEWHERE},
        answer=_UNCLEAR,
        why=_("It failed from other regions, not from yours; your requests may take another way than ours."),
        advice=(Advice.WAIT, Advice.NETWORK, Advice.ELSEWHERE),
    ),
    Rule(
        id="way-well",
        kinds=_WAY,
        needs={Sign.WELL_HERE},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("Others reached it at that time: the trouble lies on the way from you to them."),
        advice=(Advice.NETWORK, Advice.CLOCK, Advice.PROXY, Advice.AGAIN),
    ),
    Rule(
        id="edge-well",
        kinds={Kind.EDGE},
        needs={Sign.WELL_HERE},
        answer=_YOU,
        confidence=_LIKELY,
        why=_("Others passed at that time: your address, a proxy or the client’s headers look like a bot’s."),
        advice=(Advice.PROXY, Advice.NETWORK, Advice.SUPPORT),
    ),
    Rule(
        id="timeout-well",
        kinds={Kind.TIMEOUT},
        needs={Sign.WELL_HERE},
        answer=_UNCLEAR,
        why=_("Short requests were answered then. A long one takes longer, and so does a slow network."),
        advice=(Advice.PATIENCE, Advice.NETWORK, Advice.AGAIN),
    ),
    Rule(
        id="server-well",
        kinds={Kind.SERVER, Kind.BROKEN},
        needs={Sign.WELL_HERE},
        answer=_UNCLEAR,
        why=_("The server names a failure of its own, yet every request of ours was answered: perhaps yours "
              "alone brings it about."),
        advice=(Advice.WAIT, Advice.AGAIN, Advice.REQUEST, Advice.SUPPORT),
    ),
    Rule(
        id="unknown-well",
        kinds={Kind.UNKNOWN},
        needs={Sign.WELL_HERE},
        answer=_UNCLEAR,
        why=_("We saw no trouble at that time, and your error says too little."),
        advice=(Advice.PASTE, Advice.AGAIN),
    ),
    Rule(
        id="few",
        needs={Sign.FEW},
        answer=_UNCLEAR,
        why=_("Too few attempts of ours fall into that time to say anything."),
        advice=(Advice.AGAIN, Advice.PASTE),
    ),
    Rule(
        id="rest",
        answer=_UNCLEAR,
        why=_("What we saw and what your error says do not add up to an answer."),
        advice=(Advice.AGAIN, Advice.PASTE, Advice.NETWORK),
    ),
)  # fmt: skip
BY_ID: Final[dict[str, Rule]] = {rule.id: rule for rule in RULES}
