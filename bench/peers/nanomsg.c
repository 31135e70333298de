/*
 * libnanomsg (Debian: libnanomsg-dev) in every role of the bench:
 *
 *     cc -O2 -o ../.build/nanomsg nanomsg.c -lnanomsg -lpthread
 *     ../.build/nanomsg pull address=tcp://127.0.0.1:5555 size=64 &
 *     ../.build/nanomsg push address=tcp://127.0.0.1:5555 size=64
 *
 * The library does its input and output in a thread of its own; a program like this one calls nn_send and nn_recv, each of
 * which wakes that thread. Messages are received with NN_MSG (the library's own buffer, no copy).
 */
#include "worker.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/pair.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/pubsub.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>
#include <sys/epoll.h>

static int check(int result, const char *what)
{
    if (result < 0)
        die("%s: %s", what, nn_strerror(nn_errno()));
    return result;
}

static void set(int socket, int level, int option, int value)
{
    check(nn_setsockopt(socket, level, option, &value, sizeof value), "nn_setsockopt");
}

static int open_socket(int protocol)
{
    int socket = check(nn_socket(AF_SP, protocol), "nn_socket");
    set(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, -1);
    return socket;
}

static int bound(int protocol, const char *address)
{
    int socket = open_socket(protocol);
    check(nn_bind(socket, address), "nn_bind");
    return socket;
}

static int connected(int protocol, const char *address)
{
    int socket = open_socket(protocol);
    check(nn_connect(socket, address), "nn_connect");
    return socket;
}

/* There is no notification of a new peer, only this counter. */
static void wait_for_peers(int socket, unsigned count)
{
    while (nn_get_statistic(socket, NN_STAT_CURRENT_CONNECTIONS) < count)
        sleep_ms(1);
}

/* ---- throughput ---------------------------------------------------------------------------------------------------- */

static void receive_forever(int socket, const struct settings *settings)
{
    struct meter meter = new_meter(settings);
    for (;;) {
        void *message;
        int size = check(nn_recv(socket, &message, NN_MSG, 0), "nn_recv");
        nn_freemsg(message);
        meter_add(&meter, (size_t) size);
    }
}

static void pull(const struct settings *settings)
{
    int socket = bound(NN_PULL, settings->address);
    say_ready();
    receive_forever(socket, settings);
}

static void send_forever(int socket, size_t size)
{
    char *message = allocate(size);
    for (;;)
        check(nn_send(socket, message, size, 0), "nn_send");
}

static void push(const struct settings *settings)
{
    send_forever(connected(NN_PUSH, settings->address), settings->size);
}

static void *push_in_thread(void *settings)
{
    push(settings);
    return NULL;
}

/* One thread pushes, the main thread pulls. */
static void inproc(struct settings *settings)
{
    int socket;
    settings->address = "inproc://bench";
    socket = bound(NN_PULL, settings->address);
    say_ready();
    start_thread(push_in_thread, settings);
    receive_forever(socket, settings);
}

/* `count` PUSH sockets, each with a thread that sends. */
static void pushes(struct settings *settings)
{
    for (unsigned i = 0; i < settings->count; i++)
        start_thread(push_in_thread, settings);
    wait_for_the_end();
}

/* ---- latency and requests ------------------------------------------------------------------------------------------ */

static void without_delay(int socket)
{
    set(socket, NN_TCP, NN_TCP_NODELAY, 1);
}

/* Sends each message back to where it came from: PAIR and REP. */
static void answer(int protocol, const struct settings *settings)
{
    int socket = open_socket(protocol);
    without_delay(socket);
    check(nn_bind(socket, settings->address), "nn_bind");
    say_ready();
    for (;;) {
        void *message;
        check(nn_recv(socket, &message, NN_MSG, 0), "nn_recv");
        check(nn_send(socket, &message, NN_MSG, 0), "nn_send");
    }
}

/* One message at a time there and back: PAIR and REQ. `share` of a round trip is what is reported. */
static void ask(int protocol, double share, const struct settings *settings)
{
    char *message = allocate(settings->size);
    struct stopwatch stopwatch = new_stopwatch(settings, share);
    int socket = open_socket(protocol);
    without_delay(socket);
    check(nn_connect(socket, settings->address), "nn_connect");
    wait_for_peers(socket, 1);
    for (;;) {
        void *reply;
        double before = now();
        check(nn_send(socket, message, settings->size, 0), "nn_send");
        check(nn_recv(socket, &reply, NN_MSG, 0), "nn_recv");
        nn_freemsg(reply);
        stopwatch_add(&stopwatch, before);
    }
}

/* ---- fan-out ------------------------------------------------------------------------------------------------------- */

static void pub(const struct settings *settings)
{
    int socket = bound(NN_PUB, settings->address);
    say_ready();
    wait_for_peers(socket, settings->count);
    send_forever(socket, settings->size);
}

/* `count` SUB sockets on one thread; epoll on their descriptors, since nn_poll walks all of them each time. */
static void sub(const struct settings *settings)
{
    struct meter meter = new_meter(settings);
    struct epoll_event events[64];
    int poll = epoll_create1(0);
    for (unsigned i = 0; i < settings->count; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        size_t size = sizeof(int);
        int descriptor;
        int socket = open_socket(NN_SUB);
        check(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "", 0), "nn_setsockopt");
        check(nn_connect(socket, settings->address), "nn_connect");
        check(nn_getsockopt(socket, NN_SOL_SOCKET, NN_RCVFD, &descriptor, &size), "nn_getsockopt");
        event.data.fd = socket;
        if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0)
            die("epoll_ctl: %s", strerror(errno));
    }
    for (;;) {
        int ready = epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            void *message;
            int size;
            while ((size = nn_recv(events[i].data.fd, &message, NN_MSG, NN_DONTWAIT)) >= 0) {
                nn_freemsg(message);
                meter_add(&meter, (size_t) size);
            }
            if (nn_errno() != EAGAIN)
                die("nn_recv: %s", nn_strerror(nn_errno()));
        }
    }
}

/* ---- subscriptions ------------------------------------------------------------------------------------------------- */

static void *publish_topics(void *argument)
{
    const struct settings *settings = argument;
    int socket = bound(NN_PUB, settings->address);
    char *messages = allocate(TOPICS_SENT * settings->size);
    for (uint32_t i = 0; i < TOPICS_SENT; i++)
        write_topic(messages + i * settings->size, topic_number(i, settings->count));
    wait_for_peers(socket, 1);
    for (uint32_t i = 0;; i = (i + 1) % TOPICS_SENT)
        check(nn_send(socket, messages + i * settings->size, settings->size, 0), "nn_send");
    return NULL;
}

/* PUB and SUB over inproc; the SUB has `count` prefixes, and each message matches one of them. */
static void prefixes(struct settings *settings)
{
    char topic[TOPIC_SIZE];
    int socket = open_socket(NN_SUB);
    settings->address = "inproc://bench";
    for (uint32_t i = 0; i < settings->count; i++) {
        write_topic(topic, i);
        check(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, topic, TOPIC_SIZE), "nn_setsockopt");
    }
    say_ready();
    start_thread(publish_topics, settings);
    check(nn_connect(socket, settings->address), "nn_connect");
    receive_forever(socket, settings);
}

/* ---- connections --------------------------------------------------------------------------------------------------- */

/* One PULL socket: what `count` idle peers cost it. */
static void idle_listener(const struct settings *settings)
{
    double before, started;
    int socket = bound(NN_PULL, settings->address);
    before = current_memory();
    say_ready();
    wait_for_peers(socket, 1);
    started = now();
    wait_for_peers(socket, settings->count);
    printf("{\"count\":%u,\"seconds\":%.6f,\"rss\":%.0f}\n", settings->count, now() - started,
           current_memory() - before);
    fflush(stdout);
    wait_for_the_end();
}

/* One PUSH socket with `count` dialers; closes at the cue. */
static void idle_dialer(const struct settings *settings)
{
    double started = now(), connected_after;
    int socket = open_socket(NN_PUSH);
    for (unsigned i = 0; i < settings->count; i++)
        check(nn_connect(socket, settings->address), "nn_connect");
    wait_for_peers(socket, settings->count);
    connected_after = now() - started;
    say_ready();
    wait_for_cue();
    started = now();
    check(nn_close(socket), "nn_close");
    printf("{\"connect\":%.6f,\"close\":%.6f}\n", connected_after, now() - started);
    fflush(stdout);
}

/* ---- slow reader --------------------------------------------------------------------------------------------------- */

/* Has a socket that nobody reads; at the cue, says by how much its memory has grown. */
static void stall(const struct settings *settings)
{
    int pubsub = strcmp(settings->pattern, "pubsub") == 0;
    double before;
    int socket = open_socket(pubsub ? NN_SUB : NN_PULL);
    if (pubsub)
        check(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "", 0), "nn_setsockopt");
    check(nn_bind(socket, settings->address), "nn_bind");
    before = current_memory();
    say_ready();
    wait_for_cue();
    printf("{\"grown\":%.0f}\n", peak_memory() - before);
    fflush(stdout);
}

/* Sends to it as fast as the library lets it. */
static void flood(const struct settings *settings)
{
    char *message = allocate(settings->size);
    uint64_t sent = 0;
    double before, started;
    int socket = connected(strcmp(settings->pattern, "pubsub") == 0 ? NN_PUB : NN_PUSH, settings->address);
    set(socket, NN_SOL_SOCKET, NN_SNDTIMEO, 50);
    wait_for_peers(socket, 1);
    memset(message, 1, settings->size);
    before = current_memory();
    started = now();
    while (now() - started < settings->duration)
        if (nn_send(socket, message, settings->size, 0) >= 0)
            sent++;
    printf("{\"count\":%llu,\"grown\":%.0f}\n", (unsigned long long) sent, peak_memory() - before);
    fflush(stdout);
    wait_for_the_end();
}

/* ---- crowd: of the proving ground ----------------------------------------------------------------------------------- */

/* Reads from its cue on, and says what it has seen of `count` loud peers and a quiet one. */
static void crowd(const struct settings *settings)
{
    int pubsub = strcmp(settings->pattern, "pubsub") == 0;
    int socket = open_socket(pubsub ? NN_SUB : NN_PULL);
    struct crowd *crowd;
    if (pubsub)
        check(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "", 0), "nn_setsockopt");
    check(nn_bind(socket, settings->address), "nn_bind");
    say_ready();
    wait_for_cue();
    crowd = new_crowd(settings->count);
    while (now() - crowd->started < settings->duration) {
        void *message;
        int size = check(nn_recv(socket, &message, NN_MSG, 0), "nn_recv");
        crowd_add(crowd, message, (size_t) size);
        nn_freemsg(message);
    }
    crowd_say(crowd);
    wait_for_the_end();
}

int main(int argc, char **argv)
{
    struct settings settings = parse_settings(argc, argv);
    const char *role = settings.role;
    start_thread(watch_stdin, NULL);
    if (strcmp(role, "pull") == 0)
        pull(&settings);
    else if (strcmp(role, "push") == 0)
        push(&settings);
    else if (strcmp(role, "inproc") == 0)
        inproc(&settings);
    else if (strcmp(role, "pushes") == 0)
        pushes(&settings);
    else if (strcmp(role, "echo") == 0)
        answer(NN_PAIR, &settings);
    else if (strcmp(role, "ping") == 0)
        ask(NN_PAIR, 0.5, &settings);
    else if (strcmp(role, "rep") == 0)
        answer(NN_REP, &settings);
    else if (strcmp(role, "req") == 0 && settings.count == 1)
        ask(NN_REQ, 1, &settings);
    else if (strcmp(role, "pub") == 0)
        pub(&settings);
    else if (strcmp(role, "sub") == 0)
        sub(&settings);
    else if (strcmp(role, "prefixes") == 0)
        prefixes(&settings);
    else if (strcmp(role, "idle-listener") == 0)
        idle_listener(&settings);
    else if (strcmp(role, "idle-dialer") == 0)
        idle_dialer(&settings);
    else if (strcmp(role, "stall") == 0)
        stall(&settings);
    else if (strcmp(role, "flood") == 0)
        flood(&settings);
    else if (strcmp(role, "crowd") == 0)
        crowd(&settings);
    else
        die("Unknown role \"%s\"", role);
    /* No nn_term: it would wait for threads that are inside nn_send. */
    _exit(0);
}
