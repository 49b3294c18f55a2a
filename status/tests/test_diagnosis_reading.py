"""What people paste, and what is read in it: each vendor's JSON, dumps of HTTP, tracebacks, plain words."""

import json
import time

import pytest

from probes.outcomes import OUTCOMES
from probes.protocols.blame import TABLE
from status.diagnosis import symptoms
from status.diagnosis.kinds import KINDS, Kind
from status.diagnosis.reading import MOST_BYTES, read_complaint

pytestmark = pytest.mark.only_on("sqlite")

OPENAI_QUOTA = (
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'You exceeded your current quota, please "
    "check your plan and billing details.', 'type': 'insufficient_quota', 'param': None, 'code': "
    "'insufficient_quota'}}"
)
OPENAI_RATE = (
    '{"error": {"message": "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): '
    'Limit 30000, Used 29500, Requested 900. Please try again in 800ms.", "type": "tokens", "param": null, '
    '"code": "rate_limit_exceeded"}}'
)
NODE_QUOTA = """RateLimitError: 429 You exceeded your current quota
    at APIError.generate (file:///app/node_modules/openai/error.mjs:63:20) {
  status: 429,
  headers: { 'retry-after': '20', 'x-ratelimit-remaining-requests': '12' },
  code: 'insufficient_quota',
  type: 'insufficient_quota'
}"""
CURL_DUMP = """< HTTP/2 429
< content-type: application/json
< retry-after: 12
< anthropic-ratelimit-requests-remaining: 0
< anthropic-ratelimit-requests-limit: 50
<
{"type":"error","error":{"type":"rate_limit_error","message":"Number of requests exceeds your limit"}}"""
GEMINI_DAY = json.dumps({
    "error": {
        "code": 429,
        "message": "You exceeded your current quota",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
            },
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"},
        ],
    }
})  # fmt: skip
CLOUDFLARE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>503</body></html>"

#: (status given, protocol of the endpoint, pasted, kind, outcome)
CASES = {
    # --- OpenAI and those who speak it
    "openai quota": (None, "openai_chat", OPENAI_QUOTA, "money", "quota"),
    "openai quota in node": (None, "openai_chat", NODE_QUOTA, "money", "quota"),
    "openai rate limit": (429, "openai_chat", OPENAI_RATE, "rate", "rate_limited"),
    "openai wrong key": (
        None,
        "openai_chat",
        "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided: "
        "sk-abcd***wxyz.', 'type': 'invalid_request_error', 'param': None, 'code': 'invalid_api_key'}}",
        "key",
        "auth",
    ),
    "openai unknown model": (
        None,
        "openai_chat",
        "openai.NotFoundError: Error code: 404 - {'error': {'message': 'The model `gpt-9` does not exist or "
        "you do not have access to it.', 'type': 'invalid_request_error', 'param': None, 'code': "
        "'model_not_found'}}",
        "missing",
        "bad_request",
    ),
    "openai context": (
        400,
        "openai_chat",
        '{"error":{"message":"This model\'s maximum context length is 128000 tokens.","type":'
        '"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
        "large",
        "bad_request",
    ),
    "openai parameter": (
        400,
        "openai_chat",
        '{"error":{"message":"Unsupported value: \'temperature\' does not support 0.2","type":'
        '"invalid_request_error","param":"temperature","code":"unsupported_value"}}',
        "request",
        "bad_request",
    ),
    "openai country": (
        403,
        "openai_chat",
        '{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory '
        'not supported","param":null,"type":"request_forbidden"}}',
        "country",
        "auth",
    ),
    "openai overload": (
        503,
        "openai_chat",
        '{"error":{"message":"The server is currently overloaded","type":"server_error","code":'
        '"server_is_overloaded"}}',
        "capacity",
        "overloaded",
    ),
    "openai slow down": (
        503,
        "openai_chat",
        '{"error":{"message":"Slow down","code":"slow_down"}}',
        "rate",
        "rate_limited",
    ),
    "openai server error": (
        None,
        "openai_chat",
        "openai.InternalServerError: Error code: 500 - {'error': {'message': 'The server had an error while "
        "processing your request.', 'type': 'server_error', 'param': None, 'code': None}}",
        "server",
        "http_5xx",
    ),
    "openai connection": (
        None,
        "openai_chat",
        "openai.APIConnectionError: Connection error.",
        "connect",
        "connect_error",
    ),
    "openai timeout": (
        None,
        "openai_chat",
        "openai.APITimeoutError: Request timed out.",
        "timeout",
        "timeout",
    ),
    "openai content filter of azure": (
        400,
        "openai_chat",
        '{"error":{"code":"content_filter","message":"The response was filtered","innererror":{"code":'
        '"ResponsibleAIPolicyViolation"}}}',
        "filtered",
        "bad_request",
    ),
    "azure own limit": (
        429,
        "openai_chat",
        '{"error":{"code":"429","message":"Requests have exceeded call rate limit of your current OpenAI S0 '
        'pricing tier. Please retry after 17 seconds."}}',
        "rate",
        "rate_limited",
    ),
    "azure high demand": (
        429,
        "openai_chat",
        '{"error":{"code":"429","message":"The system is experiencing high demand. Try again later."}}',
        "capacity",
        "capacity_throttle",
    ),
    "azure no deployment": (
        404,
        "openai_chat",
        '{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}',
        "missing",
        "bad_request",
    ),
    "deepseek balance": (
        402,
        "openai_chat",
        '{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":'
        '"invalid_request_error"}}',
        "money",
        "quota",
    ),
    "groq flex": (498, "openai_chat", "", "capacity", "capacity_throttle"),
    "groq decommissioned": (
        400,
        "openai_chat",
        '{"error":{"message":"The model `mixtral` has been decommissioned","type":"invalid_request_error",'
        '"code":"model_decommissioned"}}',
        "missing",
        "bad_request",
    ),
    "together context as 403": (
        403,
        "openai_chat",
        '{"error":{"message":"Input tokens + max_new_tokens too long","type":"invalid_request_error"}}',
        "large",
        "bad_request",
    ),
    "openrouter upstream": (
        None,
        "openai_chat",
        '{"error":{"code":502,"message":"Upstream error","metadata":{"error_type":"provider_unavailable"}}}',
        "server",
        "http_5xx",
    ),
    "openrouter overloaded in a stream": (
        200,
        "openai_chat",
        'data: {"error":{"code":529,"message":"Provider overloaded","metadata":{"error_type":'
        '"provider_overloaded"}}}',
        "capacity",
        "overloaded",
    ),
    "mistral validation": (
        422,
        "openai_chat",
        '{"object":"error","message":{"detail":[{"type":"missing","loc":["body","model"],"msg":"Field '
        'required"}]},"type":"invalid_request_error"}',
        "request",
        "bad_request",
    ),
    "mistral sdk": (
        None,
        "openai_chat",
        'mistralai.models.sdkerror.SDKError: API error occurred: Status 401. Body: {"detail":"Unauthorized"}',
        "key",
        "auth",
    ),
    # --- Anthropic
    "anthropic overloaded": (
        None,
        "anthropic_messages",
        "anthropic.APIStatusError: Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', "
        "'message': 'Overloaded'}, 'request_id': 'req_1'}",
        "capacity",
        "overloaded",
    ),
    "anthropic overloaded in a stream": (
        None,
        "anthropic_messages",
        'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
        "capacity",
        "overloaded",
    ),
    "anthropic rate limit by curl": (None, "anthropic_messages", CURL_DUMP, "rate", "rate_limited"),
    "anthropic balance": (
        400,
        "anthropic_messages",
        '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low '
        'to access the Anthropic API."}}',
        "money",
        "quota",
    ),
    "anthropic key": (
        401,
        "anthropic_messages",
        '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}',
        "key",
        "auth",
    ),
    "anthropic model": (
        404,
        "anthropic_messages",
        '{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}',
        "missing",
        "bad_request",
    ),
    "anthropic too large": (
        413,
        "anthropic_messages",
        '{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
        "large",
        "bad_request",
    ),
    # --- Gemini
    "gemini key as 400": (
        400,
        "gemini",
        '{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":'
        '"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}',
        "key",
        "auth",
    ),
    "gemini day": (None, "gemini", GEMINI_DAY, "money", "quota"),
    "gemini without detail": (
        None,
        "gemini",
        "google.genai.errors.ClientError: 429 RESOURCE_EXHAUSTED. {'error': {'code': 429, 'message': "
        "'Resource has been exhausted', 'status': 'RESOURCE_EXHAUSTED'}}",
        "capacity",
        "capacity_throttle",
    ),
    "gemini region": (
        400,
        "gemini",
        '{"error":{"code":400,"message":"User location is not supported for the API use.","status":'
        '"FAILED_PRECONDITION"}}',
        "country",
        "auth",
    ),
    "gemini overloaded": (
        None,
        "gemini",
        '[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]',
        "capacity",
        "overloaded",
    ),
    # --- Cohere, Ollama, Bedrock, Hugging Face
    "cohere month": (
        429,
        "cohere_v2",
        '{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}',
        "money",
        "quota",
    ),
    "cohere 498": (498, "cohere_v2", '{"message":"invalid token"}', "request", "bad_request"),
    "ollama missing": (
        404,
        "ollama_chat",
        '{"error":"model \'llama9\' not found"}',
        "missing",
        "bad_request",
    ),
    "bedrock throttled": (
        None,
        "",
        "botocore.errorfactory.ThrottlingException: An error occurred (ThrottlingException) when calling the "
        "Converse operation: Too many requests",
        "throttle",
        "rate_limited",
    ),
    "bedrock model error": (424, "", "ModelErrorException", "server", "http_5xx"),
    # --- the way there
    "nothing but a 429": (429, "openai_chat", "", "throttle", "rate_limited"),
    "nothing but a 503": (None, "openai_chat", "503 Service Unavailable", "server", "http_5xx"),
    "cloudflare 524": (524, "openai_chat", "", "server", "http_5xx"),
    "cloudflare challenge": (503, "openai_chat", CLOUDFLARE, "edge", "edge_block"),
    "edge 403": (
        403,
        "openai_chat",
        "<html><body>Sorry, you have been blocked</body></html>",
        "edge",
        "edge_block",
    ),
    "python dns": (
        None,
        "openai_chat",
        "socket.gaierror: [Errno -2] Name or service not known",
        "name",
        "dns_error",
    ),
    "node dns": (
        None,
        "openai_chat",
        "TypeError: fetch failed [cause]: Error: getaddrinfo ENOTFOUND api.openai.com",
        "name",
        "dns_error",
    ),
    "python tls": (
        None,
        "openai_chat",
        "httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local "
        "issuer certificate",
        "certificate",
        "tls_error",
    ),
    "go refused": (
        None,
        "openai_chat",
        "dial tcp 104.18.7.192:443: connect: connection refused",
        "connect",
        "connect_error",
    ),
    "own proxy": (None, "openai_chat", "connect ECONNREFUSED 127.0.0.1:7890", "proxy", "proxy"),
    "proxy asks": (407, "openai_chat", "", "proxy", "proxy"),
    "cut stream": (
        None,
        "openai_chat",
        "httpx.RemoteProtocolError: peer closed connection without sending complete message body (incomplete "
        "chunked read)",
        "broken",
        "truncated",
    ),
    "curl timeout": (
        None,
        "openai_chat",
        "curl: (28) Operation timed out after 30001 ms",
        "timeout",
        "timeout",
    ),
    "request timeout of theirs": (408, "openai_chat", "", "timeout", "timeout"),
    "hung up": (499, "openai_chat", "", "left", "cancelled"),
    "nothing in an answer": (200, "openai_chat", "the model returned an empty response", "broken", "empty"),
    "all is well": (200, "openai_chat", "", "unknown", ""),
    "nothing at all": (None, "openai_chat", "", "unknown", ""),
    "words": (None, "openai_chat", "it does not work since this morning", "unknown", ""),
    "korean words": (None, "openai_chat", "오늘 아침부터 안 됩니다", "unknown", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_pasted_is_recognised(name):
    status, protocol, text, kind, outcome = CASES[name]
    complaint = read_complaint(status, text, protocol=protocol)
    assert (complaint.kind.value, complaint.outcome) == (kind, outcome), complaint


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        (CURL_DUMP, 12),
        (NODE_QUOTA, 20),
        (GEMINI_DAY, 34),
        (OPENAI_RATE, 0.8),
        ("Please try again in 6m0s.", 360),
        ("Please try again in 1h12m30.5s.", 4350.5),
        ("Please retry after 17 seconds.", 17),
        ("retry-after-ms: 1500", 1.5),
        ("retry-after: Sun, 22 Nov 2026 10:00:30 GMT", 30),
        ("retry-after: soon", None),
        ("retry-after: 99999999999", None),
        ("nothing", None),
    ],
)
def test_how_long_to_wait_is_read_from_headers_and_words(text, wait_s):
    now = 1_795_341_600.0  # 2026-11-22 10:00 UTC
    assert read_complaint(429, text, now=now).retry_after_s == (wait_s and pytest.approx(wait_s))


def test_the_vendor_is_known_by_its_sdk_where_the_model_does_not_say():
    text = "anthropic.BadRequestError: Error code: 400 - {'error': {'message': 'Your credit balance is low'}}"
    assert read_complaint(None, text).kind is Kind.MONEY
    assert read_complaint(None, text, protocol="openai_chat").kind is Kind.REQUEST


def test_nothing_shaped_like_a_key_comes_back():
    key = "sk-proj-" + "a1B2" * 10
    text = json.dumps({"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}})
    told = repr(read_complaint(401, text))
    assert key not in told
    assert "Incorrect API key provided: ***" in told
    assert len(read_complaint(400, "x" * 5000).message) <= 300


#: No text takes a tenth of a second; one that makes an expression backtrack takes minutes.
BLOWN_UP_S = 20


@pytest.mark.parametrize(
    "text",
    [
        "{" * MOST_BYTES,
        '{"a":' * 4000,
        "[" * 500 + "{'error': " * 400,
        "{'" + "\\'" * 9_000,
        '"' * MOST_BYTES,
        "retry in " * 2000,
        "HTTP " * 4000,
        "status " * 2800,
        "sk-" * 6000,
        "key=" * 5000,
        "\0\ud800" * 3000,
        "connection refused " * 1000,
        "<" * MOST_BYTES,
        "1" * MOST_BYTES,
        "error: " * 2800,
    ],
)
def test_hostile_text_is_read_in_no_time(text):
    began = time.thread_time()  # of its own: a busy machine may take any time for it
    read_complaint(None, text)
    assert time.thread_time() - began < BLOWN_UP_S


def test_the_table_of_kinds_knows_every_outcome_and_row():
    rows = {row.id for row in TABLE.errors}
    assert {row for kind in KINDS for row in kind.rows} <= rows
    named = set().union(*(kind.outcomes for kind in KINDS), *(kind.alike for kind in KINDS))
    assert named - {"proxy"} <= set(OUTCOMES)
    assert {row.outcome for row in TABLE.errors} <= named
    assert {one.outcome for one in symptoms.SYMPTOMS} <= named
    assert {kind.kind for kind in KINDS} == set(Kind)
    assert len(KINDS) == len(Kind)
