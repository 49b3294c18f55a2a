/* The scripted server of the bench: answers every request with a chat stream on a fixed timetable and writes
 * down when each byte really left (CLOCK_MONOTONIC), so that a client's figures can be held against the truth.
 *
 *   server [CERT KEY]      listens on a free port of 127.0.0.1, with a certificate on a second one for TLS
 *
 * stdout: "listening PLAIN_PORT TLS_PORT SCHEDULING" once; for every line on stdin one CSV row per answer since
 * the last one, then "end". Columns: see `print_rows`; moments in ns, 0 = did not happen. It ends with stdin.
 *
 * The id of a request is the number after "/r" at the start of its path: POST /r17/v1/chat/completions.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "script.h"
#include "wire.h"

#define MS 1000000LL
#define EVENTS 64 /* few per round: a crowd of arrivals must not hold up what is due */

typedef struct {
    int64_t id, cold, accepted, complete, headers, before_token, token, end, token_late, worst_late;
} row_t;

typedef struct conn {
    wire_t wire;
    int step, gone, queued;
    int64_t requests;
    row_t row;
    size_t have;
    struct conn *next;
    char in[8192];
} conn_t;

static struct { conn_t *first, *last; } waiting[STEPS];
static row_t *rows;
static size_t row_count, row_room;
static int epoll_fd, plain_fd, tls_fd = -1;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* --- one answer --- */

static void keep_row(conn_t *c)
{
    if (row_count == row_room) {
        row_room = row_room ? row_room * 2 : 65536;
        rows = realloc(rows, row_room * sizeof *rows);
    }
    rows[row_count++] = c->row;
}

static void queue_for(conn_t *c, int step)
{
    c->step = step;
    c->next = NULL;
    c->queued = 1;
    if (waiting[step].last)
        waiting[step].last->next = c;
    else
        waiting[step].first = c;
    waiting[step].last = c;
}

static void forget(conn_t *c)
{
    if (!c->gone) {
        if (c->queued)
            keep_row(c); /* the client left before its answer was whole */
        hang_up(&c->wire);
        c->gone = 1;
    }
    if (!c->queued)
        free(c);
}

/* Every answer has the same timetable, so each step's queue is in order of its due moments by itself. */
static void answer_step(conn_t *c, int64_t due)
{
    int step = c->step;
    int64_t before = now_ns();
    if (put(&c->wire, steps[step].text, steps[step].size) != (ssize_t)steps[step].size) {
        forget(c);
        return;
    }
    int64_t after = now_ns();
    if (before - due > c->row.worst_late)
        c->row.worst_late = before - due;
    if (step == HEADERS)
        c->row.headers = after;
    if (step == FIRST_TOKEN) {
        c->row.before_token = before;
        c->row.token = after;
        c->row.token_late = before - due;
    }
    if (step + 1 < STEPS) {
        queue_for(c, step + 1);
        return;
    }
    c->row.end = after;
    keep_row(c);
}

/* Sends what is due; the ns until the next is due, -1 when nothing waits. */
static int64_t send_due(void)
{
    for (;;) {
        int earliest = -1;
        int64_t due = INT64_MAX, now = now_ns();
        for (int step = 0; step < STEPS; step++) {
            conn_t *c = waiting[step].first;
            if (c && c->row.complete + OFFSETS_MS[step] * MS < due) {
                due = c->row.complete + OFFSETS_MS[step] * MS;
                earliest = step;
            }
        }
        if (earliest < 0)
            return -1;
        if (due > now)
            return due - now;
        conn_t *c = waiting[earliest].first;
        waiting[earliest].first = c->next;
        if (!c->next)
            waiting[earliest].last = NULL;
        c->queued = 0;
        if (c->gone)
            free(c);
        else
            answer_step(c, due);
    }
}

/* 1 when the request in the buffer is whole. */
static int is_whole(conn_t *c)
{
    c->in[c->have] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end)
        return 0;
    char *length = strcasestr(c->in, "\r\ncontent-length:");
    size_t body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return c->have >= (size_t)(end + 4 - c->in) + body;
}

static void on_readable(conn_t *c)
{
    for (;;) {
        ssize_t got = get(&c->wire, c->in + c->have, sizeof c->in - 1 - c->have);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            forget(c);
            return;
        }
        c->have += got;
        if (c->queued || !is_whole(c))
            continue;
        char *path = strstr(c->in, " /r");
        c->row.complete = now_ns();
        c->row.id = path ? atoll(path + 3) : -1;
        c->row.cold = c->requests++ == 0;
        c->row.headers = c->row.before_token = c->row.token = c->row.end = 0;
        c->row.token_late = c->row.worst_late = 0;
        c->have = 0;
        queue_for(c, 0);
    }
}

static void on_connections(int listener)
{
    for (int taken = 0; taken < 16; taken++) {
        int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0)
            return;
        conn_t *c = calloc(1, sizeof *c);
        c->row.accepted = now_ns();
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pick_up(&c->wire, fd, listener == tls_fd);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

/* --- the process --- */

static void print_rows(void)
{
    for (size_t i = 0; i < row_count; i++) {
        row_t *r = rows + i;
        printf("%ld,%ld,%ld,%ld,%ld,%ld,%ld,%ld,%ld,%ld\n", r->id, r->cold, r->accepted, r->complete, r->headers,
               r->before_token, r->token, r->end, r->token_late, r->worst_late);
    }
    row_count = 0;
    puts("end");
    fflush(stdout);
}

static int listen_on(int *port, void *mark)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
    if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&address, &size) || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        perror("bench server: listen");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* Before everything else on its core, where we may: the truth should be on time as well as true. */
static const char *take_precedence(void)
{
    struct sched_param priority = {.sched_priority = 1};
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_SET_TIMERSLACK, 1L);
    if (sched_setscheduler(0, SCHED_FIFO, &priority) == 0)
        return "real-time";
    return setpriority(PRIO_PROCESS, 0, -20) == 0 ? "nice -20" : "ordinary";
}

static void serve(void)
{
    struct epoll_event events[EVENTS];
    char line[256];
    for (;;) {
        int64_t left = send_due();
        struct timespec wait = {.tv_sec = left / 1000000000LL, .tv_nsec = left % 1000000000LL};
        int count = epoll_pwait2(epoll_fd, events, EVENTS, left < 0 ? NULL : &wait, NULL);
        for (int i = 0; i < count; i++) {
            void *mark = events[i].data.ptr;
            if (mark == &plain_fd || mark == &tls_fd)
                on_connections(*(int *)mark);
            else if (mark != &epoll_fd)
                on_readable(mark);
            else if (read(0, line, sizeof line) <= 0)
                exit(0);
            else
                print_rows();
        }
    }
}

int main(int count, char **words)
{
    int plain_port = 0, tls_port = 0;
    const char *scheduling = take_precedence();
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = &epoll_fd};
    write_script();
    epoll_fd = epoll_create1(0);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &input);
    plain_fd = listen_on(&plain_port, &plain_fd);
    if (count == 3) {
        open_tls(words[1], words[2]);
        tls_fd = listen_on(&tls_port, &tls_fd);
    }
    printf("listening %d %d %s\n", plain_port, tls_port, scheduling);
    fflush(stdout);
    serve();
}
