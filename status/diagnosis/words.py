"""What an answer says, as English sentences that are translated where they are shown. Pure."""

from collections.abc import Mapping
from typing import Final

from aigo.lib.marking import gettext_noop as _
from status.diagnosis.kinds import Kind, Side
from status.diagnosis.sight import Sight, Sign
from status.diagnosis.table import Advice, Answer, Confidence

#: The answer itself.
HEADLINES: Final[Mapping[tuple[Answer, Confidence], str]] = {
    (Answer.THEM, Confidence.CONFIRMED): _("It is them."),
    (Answer.THEM, Confidence.LIKELY): _("Probably them."),
    (Answer.YOU, Confidence.CONFIRMED): _("It is you."),
    (Answer.YOU, Confidence.LIKELY): _("Probably you."),
    (Answer.UNCLEAR, Confidence.NONE): _("Unclear."),
}

CONFIDENCES: Final[Mapping[Confidence, str]] = {
    Confidence.CONFIRMED: _("The error and our measurement at that time say the same."),
    Confidence.LIKELY: _("Either the error or our measurement says so, and the other does not contradict."),
    Confidence.NONE: _("Neither the error nor our measurement decides."),
}

#: What to do next.
ADVICE: Final[Mapping[Advice, str]] = {
    Advice.WAIT: _("Try again with growing pauses and some chance in them, and give up after a few times."),
    Advice.BACK_OFF: _("Send fewer requests at a time, and spread them over the minute."),
    Advice.KEY: _(
        "Check the key: is it the one of this provider and project, is it still valid, may it use this model?"
    ),
    Advice.MONEY: _("Look at balance and spending limits in the provider’s console. Waiting does not help."),
    Advice.COUNTRY: _(
        "Ask from a country that the provider serves, or through a provider that serves yours."
    ),
    Advice.MODEL: _("Ask for a model id that the provider lists today."),
    Advice.REQUEST: _("Compare the request with the provider’s documentation; the message names the field."),
    Advice.SHORTEN: _("Shorten the prompt, or choose a model with a larger context window."),
    Advice.FILTER: _("Read which filter refused it, and word the request in another way."),
    Advice.LIMITS: _("Compare what you send with your account’s limits per minute and day."),
    Advice.NETWORK: _("Try the same request from another network, to see whether the way is to blame."),
    Advice.CLOCK: _("Check the clock, and the root certificates that your client trusts."),
    Advice.PROXY: _("Look for a proxy, VPN or firewall between you and the provider, and at the base URL."),
    Advice.PATIENCE: _("Allow more time, and stream the answer, so that the first words come early."),
    Advice.ELSEWHERE: _("Use another way to it that works now."),
    Advice.SUPPORT: _("Tell the provider, with the request id from the answer’s headers and the exact time."),
    Advice.AGAIN: _("Ask here again in a few minutes: more will have been measured by then."),
    Advice.PASTE: _("Paste the whole error here: status, headers and body."),
}
#: In place of Advice.WAIT where the provider said how long.
WAIT_AS_TOLD: Final = _("Wait %(wait)s, as the provider asks, then try again.")

#: Why nothing was measured.
UNMEASURED: Final[Mapping[str, str]] = {
    "too_old": _("What we measured is kept for %(days)d days."),
    "unserved": _("No provider that we know serves this model."),
    "unwatched": _("It is not on the board: nobody probes it."),
    "no_key": _("Not measured: no key is set for this provider."),
    "no_worker": _("No worker measured it then."),
    "budget": _("The day’s probe budget was used up."),
    "pop_offline": _("The measuring point itself was offline."),
    "nothing": _("No attempt is recorded for that time."),
}
#: A retirement whose moment the source does not name.
RETIRED_SOMETIME: Final = _("when, its source does not say")

#: The kinds of errors, as they stand in tables and beside an answer.
KIND_WORDS: Final[Mapping[Kind, str]] = {
    Kind.KEY: _("Key or permission"),
    Kind.COUNTRY: _("Country"),
    Kind.MONEY: _("Credit or spending limit"),
    Kind.MISSING: _("No such model"),
    Kind.LARGE: _("Request too large"),
    Kind.FILTERED: _("Content filter"),
    Kind.REQUEST: _("Request refused"),
    Kind.RATE: _("Your rate limit"),
    Kind.THROTTLE: _("Too many requests"),
    Kind.CAPACITY: _("Overloaded"),
    Kind.SERVER: _("Server error"),
    Kind.BROKEN: _("Answer broken off"),
    Kind.TIMEOUT: _("Timeout"),
    Kind.CONNECT: _("Connection lost"),
    Kind.NAME: _("Host name not found"),
    Kind.CERTIFICATE: _("Secure connection failed"),
    Kind.EDGE: _("Blocked before the API"),
    Kind.PROXY: _("Proxy or own machine"),
    Kind.LEFT: _("Client hung up"),
    Kind.UNKNOWN: _("Not recognised"),
}

SIDE_WORDS: Final[Mapping[Side, str]] = {
    Side.YOU: _("to you"),
    Side.THEM: _("to them"),
    Side.EITHER: _("to either"),
}

ANSWER_WORDS: Final[Mapping[Answer, str]] = {
    Answer.THEM: _("them"),
    Answer.YOU: _("you"),
    Answer.UNCLEAR: _("unclear"),
}

CONFIDENCE_WORDS: Final[Mapping[Confidence, str]] = {
    Confidence.CONFIRMED: _("confirmed"),
    Confidence.LIKELY: _("likely"),
    Confidence.NONE: "",
}

#: The signs, as short as a table has room for.
SIGN_WORDS: Final[Mapping[Sign, str]] = {
    Sign.RETIRED: _("retired by then"),
    Sign.UNMEASURED: _("nothing measured"),
    Sign.FAILED_HERE: _("our attempts fail"),
    Sign.SHAKY_HERE: _("some of our attempts fail"),
    Sign.ONCE_HERE: _("single attempts failed"),
    Sign.WELL_HERE: _("all our attempts answered"),
    Sign.FEW: _("too few attempts"),
    Sign.STOOD_IN: _("all regions stand in"),
    Sign.FAILED_ELSEWHERE: _("another region fails"),
    Sign.SAME: _("our attempts met the same"),
    Sign.THROTTLED: _("our attempts were throttled"),
    Sign.SLOW: _("our answers were slow"),
    Sign.REACHABILITY: _("only reachability is tested"),
    Sign.PROVIDER: _("other endpoints of the provider fail"),
    Sign.INCIDENT: _("an incident was open"),
    Sign.OFFICIAL: _("the official page told of trouble"),
}

#: What attempts from one place look like.
SIGHT_WORDS: Final[Mapping[Sight, str]] = {
    Sight.FAILING: _("failing"),
    Sight.SHAKY: _("some fail"),
    Sight.ONCE: _("single failures"),
    Sight.FEW: _("too few attempts"),
    Sight.WELL: _("all answered"),
    Sight.NONE: _("not asked"),
}
