/* What the server says, and when: an OpenAI chat stream of eight tokens, written in eleven pieces. */
#define STEPS 11
#define TOKENS 8
#define HEADERS 0
#define FIRST_TOKEN 1

/* Counted from the moment the request was whole. */
static const int64_t OFFSETS_MS[STEPS] = {50, 200, 220, 240, 260, 280, 300, 320, 340, 360, 380};
static const char *WORDS[TOKENS] = {"The", " answer", " is", ":", " four", "teen", " indeed", "."};
static struct { char text[2048]; size_t size; } steps[STEPS];

static void add_chunk(int step, const char *data)
{
    char *end = steps[step].text + steps[step].size;
    steps[step].size += sprintf(end, "%zx\r\n%s\r\n", strlen(data), data);
}

static void write_event(int step, const char *choices, const char *usage)
{
    char event[1024];
    sprintf(event,
            "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,"
            "\"model\":\"bench-model-1\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\","
            "\"choices\":[%s],\"usage\":%s}\n\n", choices, usage);
    add_chunk(step, event);
}

/* The headers bring the role chunk with its empty content along, as OpenAI's do: no token yet. */
static void write_script(void)
{
    char choice[256];
    steps[HEADERS].size = sprintf(steps[HEADERS].text,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
        "Cache-Control: no-cache\r\nx-request-id: req_bench\r\nopenai-processing-ms: 48\r\n"
        "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n"
        "x-ratelimit-reset-requests: 6ms\r\nx-ratelimit-limit-tokens: 200000\r\n"
        "x-ratelimit-remaining-tokens: 199960\r\nx-ratelimit-reset-tokens: 12ms\r\n\r\n");
    write_event(HEADERS, "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},"
                         "\"logprobs\":null,\"finish_reason\":null}", "null");
    for (int token = 0; token < TOKENS; token++) {
        sprintf(choice, "{\"index\":0,\"delta\":{\"content\":\"%s\"},\"logprobs\":null,\"finish_reason\":null}",
                WORDS[token]);
        write_event(FIRST_TOKEN + token, choice, "null");
    }
    write_event(STEPS - 2, "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}", "null");
    write_event(STEPS - 1, "", "{\"prompt_tokens\":24,\"completion_tokens\":8,\"total_tokens\":32,"
                               "\"prompt_tokens_details\":{\"cached_tokens\":0},"
                               "\"completion_tokens_details\":{\"reasoning_tokens\":0}}");
    add_chunk(STEPS - 1, "data: [DONE]\n\n");
    add_chunk(STEPS - 1, "");
}
