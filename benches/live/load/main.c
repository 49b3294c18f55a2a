/* The clients of the live bench: many connections in one process, and when each message had arrived.
 *
 *   load websocket|plain|sse|socketio PORT PATH GREETINGS
 *
 * plain: a WebSocket that does not offer permessage-deflate, as browsers do.
 *
 * A message says in its first bytes when it was sent: "sent=<CLOCK_MONOTONIC in ns>;". It has arrived when its
 * last byte was read. Messages without that are greetings (a first snapshot, the answer to a handshake), and a
 * client is ready after GREETINGS of them. Commands on stdin, each answered with one line on stdout:
 *
 *   connect N       opens N more; "connected READY GONE" once each is ready or gone
 *   await N MS      "arrived COUNT GONE" once N messages arrived since the last `take`, or after MS
 *   take            "took COUNT STARTS", then COUNT arrival_t and STARTS start_t as they lie in memory
 *
 * Nothing is inflated here, which would take longer than to receive it: of compressed messages the start is
 * handed over, each once, as all clients get the same. It ends with stdin.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "arrivals.h"

#define EVENTS 256
#define BUFFER (1 << 20)
#define OPENING_AT_ONCE 32 /* more would measure the backlog of accept() */
#define SPIN_NS 3000000    /* after a message: a server on another machine would not pay for waking us */
#define SLICE (64 * 1024)  /* read from one connection before another has its turn */

enum kind { WEBSOCKET, PLAIN, SSE, SOCKETIO };
static const char *KINDS[] = {"websocket", "plain", "sse", "socketio"};
enum stage { HANDSHAKE, OPEN, READY, GONE };

typedef struct {
    int fd;
    enum stage stage;
    int greeted;
    size_t head_have;
    char head[2048]; /* of the answer to the handshake */
    arrivals_t arrivals;
} client_t;

/* sent: the moment of sending, or of a compressed message -1 - the number of its start. In ns. */
typedef struct {
    int64_t at, sent;
} arrival_t;

typedef struct {
    int64_t size;
    char bytes[START_ROOM];
} start_t;

static enum kind kind;
static const char *path;
static int port, greetings, epoll_fd;
static long wanted, opened, ready, gone;
static arrival_t *arrivals;
static size_t arrived, room;
static start_t *starts;
static size_t start_count;
static int64_t newest; /* when a message last arrived */

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void lose(client_t *c)
{
    if (c->stage == GONE)
        return;
    if (c->stage == READY)
        ready--;
    c->stage = GONE;
    gone++;
    close(c->fd);
}

/* A frame of at most 125 bytes; the mask of a client's frames is four zeros. */
static void send_frame(client_t *c, int opcode, const char *text, size_t size)
{
    char frame[131] = {0x80 | opcode, 0x80 | size};
    memcpy(frame + 6, text, size);
    if (send(c->fd, frame, 6 + size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)(6 + size))
        lose(c);
}

static void keep_arrival(int64_t sent)
{
    if (arrived == room) {
        room = room ? room * 2 : 1 << 16;
        arrivals = realloc(arrivals, room * sizeof *arrivals);
    }
    newest = now_ns();
    arrivals[arrived++] = (arrival_t){newest, sent};
}

/* The number of a compressed message's start; the newest are the likeliest. */
static int64_t number_of(const char *bytes, size_t size)
{
    for (size_t i = start_count; i-- > 0;)
        if (starts[i].size == (int64_t)size && !memcmp(starts[i].bytes, bytes, size))
            return i;
    starts = realloc(starts, (start_count + 1) * sizeof *starts);
    starts[start_count].size = size;
    memcpy(starts[start_count].bytes, bytes, size);
    return start_count++;
}

static void greet(client_t *c)
{
    if (++c->greeted >= greetings && c->stage == OPEN) {
        c->stage = READY;
        ready++;
    }
}

/* Engine.IO: 0 = open, 2 = ping, 4 = a Socket.IO packet, whose 0 = connect. */
static int is_engine_packet(client_t *c, const char *text)
{
    if (text[0] == '0')
        send_frame(c, 1, "40", 2);
    else if (text[0] == '2')
        send_frame(c, 1, "3", 1);
    return text[0] == '2';
}

static void on_message(void *owner, int first, const char *start, size_t size)
{
    client_t *c = owner;
    int opcode = first & OPCODE;
    if (opcode == 9)
        send_frame(c, 10, start, size < 125 ? size : 125);
    if (opcode == 8)
        lose(c);
    if (opcode > 2 || (kind == SOCKETIO && is_engine_packet(c, start)))
        return;
    const char *sent = first & COMPRESSED ? NULL : strstr(start, "sent=");
    if (sent)
        keep_arrival(strtoll(sent + 5, NULL, 10));
    else if (first & COMPRESSED && c->stage == READY)
        keep_arrival(-1 - number_of(start, size));
    else if (kind != SSE || strstr(start, "data:"))
        greet(c);
}

static void feed(client_t *c, const char *data, size_t size)
{
    (kind == SSE ? feed_stream : feed_websocket)(&c->arrivals, data, size, on_message, c);
}

/* Collects the answer's head; what follows it belongs to the first message. */
static void shake_hands(client_t *c, const char *data, size_t size)
{
    size_t before = c->head_have, free = sizeof c->head - 1 - before, taken = size < free ? size : free;
    memcpy(c->head + before, data, taken);
    c->head_have += taken;
    c->head[c->head_have] = 0;
    char *end = strstr(c->head, "\r\n\r\n");
    if (!end) {
        if (taken == free)
            lose(c);
        return;
    }
    size_t head = end + 4 - c->head;
    *end = 0;
    if (strncmp(c->head + 8, kind == SSE ? " 200" : " 101", 4)) {
        fprintf(stderr, "load: refused: %.60s\n", c->head);
        lose(c);
        return;
    }
    c->stage = OPEN;
    c->arrivals.chunked = strcasestr(c->head, "transfer-encoding: chunked") != NULL;
    if (!greetings)
        greet(c);
    feed(c, data + (head - before), size - (head - before));
}

static void on_readable(client_t *c, char *buffer)
{
    for (ssize_t taken = 0, got; taken < SLICE && c->stage != GONE; taken += got) {
        got = recv(c->fd, buffer, BUFFER, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            lose(c);
            return;
        }
        (c->stage == HANDSHAKE ? shake_hands : feed)(c, buffer, got);
        if (got < BUFFER / 4)
            return;
    }
}

static void open_client(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    client_t *c = calloc(1, sizeof *c);
    char request[1024];
    int one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    opened++;
    int size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s\r\n", path, port,
                        kind == SSE ? "Accept: text/event-stream\r\n"
                                    : "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                        kind == SSE || kind == PLAIN
                            ? ""
                            : "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) ||
        send(c->fd, request, size, MSG_NOSIGNAL) != size) {
        perror("load: connect");
        lose(c);
        return;
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

/* One round of what came in; waits at most `ms`. 0 = there is a command to read. */
static int take_turn(int ms, char *buffer)
{
    struct epoll_event events[EVENTS];
    int spinning = now_ns() - newest < SPIN_NS, commanded = 0;
    int count = epoll_wait(epoll_fd, events, EVENTS, spinning ? 0 : ms);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            on_readable(events[i].data.ptr, buffer);
        else
            commanded = 1;
    }
    return !commanded;
}

static void connect_more(long count, char *buffer)
{
    wanted += count;
    while (ready + gone < wanted) {
        while (opened < wanted && opened - ready - gone < OPENING_AT_ONCE)
            open_client();
        take_turn(100, buffer);
    }
    printf("connected %ld %ld\n", ready, gone);
}

static void await(size_t count, int64_t ms, char *buffer)
{
    int64_t until = now_ns() + ms * 1000000;
    while (arrived < count && now_ns() < until)
        take_turn(10, buffer);
    printf("arrived %zu %ld\n", arrived, gone);
}

static void obey(const char *command, char *buffer)
{
    long count, ms;
    if (sscanf(command, "connect %ld", &count) == 1)
        connect_more(count, buffer);
    else if (sscanf(command, "await %ld %ld", &count, &ms) == 2)
        await(count, ms, buffer);
    else {
        printf("took %zu %zu\n", arrived, start_count);
        fwrite(arrivals, sizeof *arrivals, arrived, stdout);
        fwrite(starts, sizeof *starts, start_count, stdout);
        arrived = start_count = 0;
    }
    fflush(stdout);
}

int main(int count, char **words)
{
    char *buffer = malloc(BUFFER), line[256];
    struct rlimit files;
    int known = 0;
    for (int i = 0; count == 5 && i < 4; i++)
        if (!strcmp(words[1], KINDS[i]))
            kind = i, known = 1;
    if (!known) {
        fprintf(stderr, "usage: load websocket|plain|sse|socketio PORT PATH GREETINGS\n");
        return 2;
    }
    port = atoi(words[2]);
    path = words[3];
    greetings = atoi(words[4]);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_fd = epoll_create1(0);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &input);
    for (;;) {
        if (take_turn(-1, buffer))
            continue;
        ssize_t size = read(0, line, sizeof line - 1);
        if (size <= 0)
            return 0;
        line[size] = 0;
        obey(line, buffer);
    }
}
