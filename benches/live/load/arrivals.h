/* What arrives on one connection, cut into messages: WebSocket frames or events of an SSE stream, in whatever
 * pieces they come. The start of each message is kept, because it says when the message was sent. */
#define START_ROOM 320

typedef struct {
    char start[START_ROOM]; /* of the present message, ends with 0 */
    size_t start_have;
    /* WebSocket: the frame's header, what is left of its payload, the first byte of the message */
    int first;
    uint8_t header[10];
    size_t header_have;
    uint64_t left;
    int in_payload;
    /* SSE: the chunk it is in, and how many line ends came in a row */
    int chunked, in_chunk, ends;
    char size_line[32];
    size_t size_have, chunk_left;
} arrivals_t;

#define OPCODE 0x0f
#define COMPRESSED 0x40
#define LAST_FRAME 0x80

/* Called at the end of each message. first: the first byte of its WebSocket frame; of an SSE event OPCODE 1. */
typedef void (*on_message_t)(void *owner, int first, const char *start, size_t size);

static void keep_start(arrivals_t *a, const char *data, size_t size)
{
    size_t room = START_ROOM - 1 - a->start_have, taken = size < room ? size : room;
    memcpy(a->start + a->start_have, data, taken);
    a->start_have += taken;
}

static void end_message(arrivals_t *a, int first, on_message_t on_message, void *owner)
{
    size_t have = a->start_have;
    a->start[have] = 0;
    a->start_have = 0;
    on_message(owner, first, a->start, have);
}

/* The header's whole size as far as it is known: 2 bytes, and 2 or 8 for long payloads. */
static size_t header_size(const arrivals_t *a)
{
    if (a->header_have < 2)
        return 2;
    int length = a->header[1] & 0x7f;
    return length == 127 ? 10 : length == 126 ? 4 : 2;
}

static uint64_t payload_size(const arrivals_t *a)
{
    uint64_t size = a->header[1] & 0x7f;
    if (size < 126)
        return size;
    int bytes = size == 126 ? 2 : 8;
    size = 0;
    for (int i = 0; i < bytes; i++)
        size = size << 8 | a->header[2 + i];
    return size;
}

static void feed_websocket(arrivals_t *a, const char *data, size_t size, on_message_t on_message, void *owner)
{
    while (size || (a->in_payload && !a->left)) {
        if (!a->in_payload) {
            a->header[a->header_have++] = *data++;
            size--;
            if (a->header_have < header_size(a))
                continue;
            a->left = payload_size(a);
            a->in_payload = 1;
        }
        size_t taken = size < a->left ? size : a->left;
        keep_start(a, data, taken);
        data += taken;
        size -= taken;
        a->left -= taken;
        if (a->left)
            return;
        a->in_payload = 0;
        a->header_have = 0;
        if (a->header[0] & OPCODE)
            a->first = a->header[0];
        if (a->header[0] & LAST_FRAME)
            end_message(a, a->first, on_message, owner);
    }
}

/* Events end with an empty line. */
static void feed_events(arrivals_t *a, const char *data, size_t size, on_message_t on_message, void *owner)
{
    while (size) {
        if (*data == '\n') {
            keep_start(a, data++, 1);
            size--;
            if (++a->ends == 2) {
                a->ends = 0;
                end_message(a, 1, on_message, owner);
            }
            continue;
        }
        const char *end = memchr(data, '\n', size);
        size_t line = end ? (size_t)(end - data) : size;
        a->ends = 0;
        keep_start(a, data, line);
        data += line;
        size -= line;
    }
}

/* Takes the chunks' size lines out of the stream. */
static void feed_stream(arrivals_t *a, const char *data, size_t size, on_message_t on_message, void *owner)
{
    if (!a->chunked) {
        feed_events(a, data, size, on_message, owner);
        return;
    }
    while (size) {
        if (a->in_chunk) {
            size_t taken = size < a->chunk_left ? size : a->chunk_left;
            feed_events(a, data, taken, on_message, owner);
            data += taken;
            size -= taken;
            a->chunk_left -= taken;
            a->in_chunk = a->chunk_left > 0;
            continue;
        }
        char byte = *data++;
        size--;
        if (byte != '\n') {
            if (byte != '\r' && a->size_have < sizeof a->size_line - 1)
                a->size_line[a->size_have++] = byte;
            continue;
        }
        a->size_line[a->size_have] = 0;
        if (a->size_have) /* the line end after a chunk is an empty line */
            a->chunk_left = strtoul(a->size_line, NULL, 16);
        a->in_chunk = a->size_have && a->chunk_left;
        a->size_have = 0;
    }
}
