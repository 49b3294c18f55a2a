"""How an error is recognised in what people paste: tables of patterns, first match wins. Pure.

Only what the table of blame cannot know stands here: where in a text the status is, the words of clients that
never got an answer, and who speaks which protocol.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Symptom:
    """`outcome`: of `probes.outcomes`, or "proxy". `seen`: whose words these are."""

    outcome: str
    seen: str
    pattern: re.Pattern[str]


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


#: Where the status stands, the surest place first; of several lines of a kind the last one counts.
STATUS_PLACES: Final[tuple[re.Pattern[str], ...]] = (
    re.compile(r"^[<\s]{0,4}HTTP/\d(?:\.\d)?\s+([1-5]\d\d)\b", re.IGNORECASE | re.MULTILINE),
    re.compile(r"\berror code:?\s{0,3}([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(r"\bstatus[ _-]?code['\"]?\s{0,3}[:=]?\s{0,3}['\"]?([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(r"\bstatus['\"]?\s{0,3}[:=]?\s{0,3}['\"]?([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(
        r"\bHTTP\s{1,3}(?:(?:error|status|code|response)\s{1,3}){0,2}['\"]?([1-5]\d\d)\b", re.IGNORECASE
    ),
    re.compile(r"\b(?:error|exception)\b['\"]?:?\s{1,3}['\"]?([45]\d\d)\b", re.IGNORECASE),
    re.compile(r"(?:Client|Server) error ['\"]?([45]\d\d)\b", re.IGNORECASE),
    re.compile(
        r"\b([45]\d\d)[\s:,-]{1,3}(?:client error|server error|too many requests|unauthori[sz]ed|forbidden"
        r"|not found|bad request|bad gateway|service (?:temporarily )?unavailable|gateway time-?out"
        r"|internal server error|payment required|unprocessable|request entity|payload|content too large"
        r"|conflict"
        r"|request time-?out|method not allowed|overloaded|resource_exhausted|unavailable|invalid_argument"
        r"|permission_denied|unauthenticated|not_found|failed_precondition|internal|deadline_exceeded)",
        re.IGNORECASE,
    ),
    re.compile(r"\A\s{0,40}([1-5]\d\d)\b"),
    re.compile(r"['\"](?:code|status)['\"]\s{0,3}:\s{0,3}['\"]?([45]\d\d)\b", re.IGNORECASE),
)

#: Names of exceptions that stand for a status, where no number does: those of the vendors' SDKs, of gRPC
#: (https://grpc.io/docs/guides/status-codes/) and of Amazon Bedrock.
STATUS_WORDS: Final[tuple[tuple[int, re.Pattern[str]], ...]] = (
    (529, _any(r"\boverloaded_?error\b")),
    (429, _any(r"\bRateLimitError\b", r"\bTooManyRequests", r"\bThrottlingException\b",
               r"\bRESOURCE_EXHAUSTED\b", r"\bResourceExhausted\b", r"too many requests")),
    (401, _any(r"\bAuthenticationError\b", r"\bUnauthori[sz]ed(?:Error)?\b", r"\bUNAUTHENTICATED\b",
               r"\bUnrecognizedClientException\b", r"incorrect api key", r"invalid (?:x-)?api[- ]key")),
    (403, _any(r"\bPermissionDenied(?:Error)?\b", r"\bPERMISSION_DENIED\b", r"\bAccessDenied(?:Exception)?\b",
               r"\bForbidden(?:Error)?\b")),
    (413, _any(r"\bRequestTooLarge", r"request entity too large", r"payload too large")),
    (404, _any(r"\bNotFoundError\b", r"\bResourceNotFoundException\b", r"\bNOT_FOUND\b")),
    (422, _any(r"\bUnprocessableEntity(?:Error)?\b")),
    (409, _any(r"\bConflictError\b")),
    (400, _any(r"\bBadRequestError\b", r"\bINVALID_ARGUMENT\b", r"\bValidationException\b",
               r"\binvalid_request_error\b")),
    (503, _any(r"\bServiceUnavailable(?:Error|Exception)?\b", r"\bUNAVAILABLE\b", r"service unavailable")),
    (502, _any(r"\bbad gateway\b")),
    (504, _any(r"\bgateway time-?out\b", r"\bDEADLINE_EXCEEDED\b", r"\bModelTimeoutException\b")),
    (500, _any(r"\bInternalServer(?:Error|Exception)\b", r"internal server error",
               r"\bModelErrorException\b")),
)  # fmt: skip

#: A status that the table of blame has no row for, since no protocol that we speak sends it.
STATUS_OUTCOMES: Final[dict[int, str]] = {
    407: "proxy",
    424: "http_5xx",  # Bedrock's ModelErrorException: the model failed (PROTOCOLS A4.6)
}

_REFUSED: Final = r"(?:ECONNREFUSED|connection refused|failed to connect)"
_OWN_MACHINE: Final = r"(?:\b127\.0\.0\.1\b|\blocalhost\b|::1\b)"
#: What clients say that got no answer, or not a whole one.
SYMPTOMS: Final[tuple[Symptom, ...]] = (
    Symptom(
        "proxy",
        "any client behind a proxy, or pointed at its own machine",
        _any(
            r"\bproxyerror\b",
            r"proxy authentication required",
            r"unable to connect to proxy",
            rf"{_REFUSED}[^\n]{{0,60}}{_OWN_MACHINE}",
            rf"{_OWN_MACHINE}[^\n]{{0,60}}{_REFUSED}",
        ),
    ),
    Symptom(
        "dns_error",
        "Python, Node, Go, Java, curl (6)",
        _any(
            r"\bgetaddrinfo\b",
            r"\bENOTFOUND\b",
            r"\bEAI_AGAIN\b",
            r"name or service not known",
            r"nodename nor servname",
            r"could ?n.t resolve host",
            r"could not resolve",
            r"failure in name resolution",
            r"\bNXDOMAIN\b",
            r"no such host",
            r"\bNameResolutionError\b",
            r"\bUnknownHostException\b",
            r"curl: \(6\)",
        ),
    ),
    Symptom(
        "tls_error",
        "Python, Node, Go, Java, curl (35, 51, 58, 60)",
        _any(
            r"CERTIFICATE_VERIFY_FAILED",
            r"\bSSL(?:Cert\w{0,20}|CertVerification)?Error\b",
            r"certificate (?:has expired|verify failed|is not trusted|signed by unknown)",
            r"unable to (?:get (?:local )?issuer certificate|verify the first certificate)",
            r"self[- ]signed certificate",
            r"DEPTH_ZERO_SELF_SIGNED",
            r"\bERR_(?:TLS|SSL)_",
            r"TLS handshake",
            r"handshake failure",
            r"\bSSLHandshakeException\b",
            r"\bx509:",
            r"curl: \((?:35|51|58|60)\)",
        ),
    ),
    Symptom(
        "truncated",
        "httpx, requests, Node, curl (18): the stream ended in the middle",
        _any(
            r"incomplete chunked read",
            r"\bIncompleteRead\b",
            r"\bChunkedEncodingError\b",
            r"premature close",
            r"ERR_STREAM_PREMATURE_CLOSE",
            r"without sending (?:a )?complete message body",
            r"unexpected end of (?:json|stream|file|data)",
            r"response ended prematurely",
            r"stream (?:ended|closed|terminated|disconnected|was cut)",
            r"curl: \(18\)",
        ),
    ),
    Symptom(
        "timeout",
        "every SDK, curl (28)",
        _any(
            r"time[- ]?d?[- ]?out",
            r"\bETIMEDOUT\b",
            r"\bESOCKETTIMEDOUT\b",
            r"deadline[ _]exceeded",
            r"\bUND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT\b",
            r"curl: \(28\)",
        ),
    ),
    Symptom(
        "connect_error",
        "every SDK, curl (7, 52, 56)",
        _any(
            r"\bECONNREFUSED\b",
            r"\bECONNRESET\b",
            r"\bEPIPE\b",
            r"\bEHOSTUNREACH\b",
            r"\bENETUNREACH\b",
            r"connection (?:was )?(?:refused|reset|aborted|closed|lost|error|forcibly closed)",
            r"\bRemoteDisconnected\b",
            r"socket hang up",
            r"broken pipe",
            r"no route to host",
            r"network is unreachable",
            r"(?:failed to|could ?n.t|unable to) (?:connect|fetch)",
            r"fetch failed",
            r"\bAPIConnectionError\b",
            r"\bConnect(?:ion)?Error\b",
            r"server disconnected",
            r"curl: \((?:7|52|56)\)",
        ),
    ),
    Symptom(
        "overloaded",
        "words without a status",
        _any(r"\boverloaded\b", r"(?:at|over|out of) capacity", r"high demand"),
    ),
    Symptom(
        "bad_json",
        "parsers of JSON",
        _any(r"\bJSONDecodeError\b", r"is not valid JSON", r"unexpected token .{1,40} in JSON",
             r"expecting value: line 1"),
    ),
    Symptom("empty", "words of people", _any(r"empty (?:response|completion|answer|content|string|message)")),
)  # fmt: skip

#: Whose SDK or host speaks which protocol, where the model does not say.
PROTOCOLS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("anthropic_messages", _any(r"\banthropic\b")),
    ("gemini", _any(r"\bgoogle[._](?:genai|api_core|generativeai)", r"generativelanguage\.googleapis")),
    ("cohere_v2", _any(r"\bcohere\b")),
    ("ollama_chat", _any(r"\bollama\b")),
    ("openai_chat", _any(r"\b(?:openai|groq|mistralai|together|fireworks|openrouter|deepseek)\b")),
)

#: Headers that decide something; in dumps of HTTP, of curl -v and of SDKs' objects.
HEADER: Final = re.compile(
    r"['\"]?\b(retry-after(?:-ms)?|x-ratelimit-[a-z-]{4,40}|anthropic-ratelimit-[a-z-]{4,40}|cf-mitigated"
    r"|content-type|x-error-code|x-error-message)['\"]?\s{0,3}[:=]\s{0,3}['\"]?"
    r"((?:[A-Z][a-z]{2}, )?[^'\"\r\n,}]{1,80})",
    re.IGNORECASE,
)
#: Machine words in what is no JSON: `code: 'insufficient_quota'`.
CODE: Final = re.compile(
    r"['\"]?\b(?:code|type|reason|error_code|error_type|status)['\"]?\s{0,3}[:=]\s{0,3}['\"]([A-Za-z][\w.-]{1,60})['\"]"
)
#: How long to wait, in words: "Please try again in 6m0s", "retryDelay": "34s".
WAIT: Final = re.compile(
    r"(?:(?:try|retry) again (?:in|after)|retry (?:in|after)|['\"]?retry-?delay['\"]?\s{0,3}:)\s{0,3}['\"]?"
    r"(?:about\s{1,3})?(\d[\w. ]{0,24})",
    re.IGNORECASE,
)
WAIT_PART: Final = re.compile(
    r"(\d{1,7}(?:\.\d{1,9})?)\s?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)?(?![a-z])",
    re.IGNORECASE,
)
