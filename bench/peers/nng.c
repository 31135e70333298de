/*
 * libnng (Debian: libnng-dev) in every role of the bench:
 *
 *     cc -O2 -o ../.build/nng nng.c -lnng -lpthread
 *     ../.build/nng pull address=tcp://127.0.0.1:5555 size=64 &
 *     ../.build/nng push address=tcp://127.0.0.1:5555 size=64
 *
 * Written with nng's asynchronous operations (nng_aio), which cost least: the callback of one operation starts the next, on
 * nng's own threads, and no thread sleeps and wakes between two messages.
 */
#include "worker.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

typedef int (*opener)(nng_socket *);

static void check(int error, const char *what)
{
    if (error != 0)
        die("%s: %s", what, nng_strerror(error));
}

/* ---- peers: counted by notification -------------------------------------------------------------------------------- */

static pthread_mutex_t peers_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t peers_changed = PTHREAD_COND_INITIALIZER;
static unsigned peers;

static void count_peer(nng_pipe pipe, nng_pipe_ev event, void *unused)
{
    (void) pipe, (void) unused;
    pthread_mutex_lock(&peers_lock);
    if (event == NNG_PIPE_EV_ADD_POST)
        peers++;
    else
        peers--;
    pthread_cond_broadcast(&peers_changed);
    pthread_mutex_unlock(&peers_lock);
}

static void wait_for_peers(unsigned count)
{
    pthread_mutex_lock(&peers_lock);
    while (peers < count)
        pthread_cond_wait(&peers_changed, &peers_lock);
    pthread_mutex_unlock(&peers_lock);
}

static nng_socket open_socket(opener open)
{
    nng_socket socket;
    check(open(&socket), "nng_open");
    check(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, 0), "nng_socket_set");
    check(nng_pipe_notify(socket, NNG_PIPE_EV_ADD_POST, count_peer, NULL), "nng_pipe_notify");
    check(nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, count_peer, NULL), "nng_pipe_notify");
    return socket;
}

static nng_socket bound(opener open, const char *address)
{
    nng_socket socket = open_socket(open);
    check(nng_listen(socket, address, NULL, 0), "nng_listen");
    return socket;
}

static void dial(nng_socket socket, const char *address)
{
    check(nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, 20), "nng_socket_set_ms");
    check(nng_dial(socket, address, NULL, NNG_FLAG_NONBLOCK), "nng_dial");
}

static nng_socket connected(opener open, const char *address)
{
    nng_socket socket = open_socket(open);
    dial(socket, address);
    return socket;
}

static nng_msg *new_message(const void *body, size_t size)
{
    nng_msg *message;
    check(nng_msg_alloc(&message, size), "nng_msg_alloc");
    memcpy(nng_msg_body(message), body, size);
    return message;
}

/* ---- receiving: one operation under way for each socket, all counted by one meter ----------------------------------- */

static struct meter meter;
static pthread_mutex_t meter_lock = PTHREAD_MUTEX_INITIALIZER;

struct receiver {
    nng_socket socket;
    nng_aio *aio;
};

static void received(void *argument)
{
    struct receiver *receiver = argument;
    nng_msg *message;
    check(nng_aio_result(receiver->aio), "nng_recv_aio");
    message = nng_aio_get_msg(receiver->aio);
    pthread_mutex_lock(&meter_lock);
    meter_add(&meter, nng_msg_len(message));
    pthread_mutex_unlock(&meter_lock);
    nng_msg_free(message);
    nng_recv_aio(receiver->socket, receiver->aio);
}

static void start_receiver(nng_socket socket)
{
    struct receiver *receiver = allocate(sizeof *receiver);
    receiver->socket = socket;
    check(nng_aio_alloc(&receiver->aio, received, receiver), "nng_aio_alloc");
    nng_recv_aio(socket, receiver->aio);
}

/* ---- sending: the same ---------------------------------------------------------------------------------------------- */

struct sender {
    nng_socket socket;
    nng_aio *aio;
    const char *bodies; /* `total` bodies, sent in turn */
    size_t size, next, total;
};

static void send_next(struct sender *sender)
{
    nng_aio_set_msg(sender->aio, new_message(sender->bodies + sender->next * sender->size, sender->size));
    if (++sender->next == sender->total)
        sender->next = 0;
    nng_send_aio(sender->socket, sender->aio);
}

static void sent(void *argument)
{
    struct sender *sender = argument;
    check(nng_aio_result(sender->aio), "nng_send_aio");
    send_next(sender);
}

static void start_sender(nng_socket socket, const char *bodies, size_t size, size_t total)
{
    struct sender *sender = allocate(sizeof *sender);
    *sender = (struct sender){.socket = socket, .bodies = bodies, .size = size, .total = total};
    check(nng_aio_alloc(&sender->aio, sent, sender), "nng_aio_alloc");
    send_next(sender);
}

/* ---- throughput, fan-in, fan-out ------------------------------------------------------------------------------------ */

static void pull(const struct settings *settings)
{
    nng_socket socket = bound(nng_pull0_open, settings->address);
    start_receiver(socket);
    say_ready();
}

/* `count` PUSH sockets. */
static void pushes(const struct settings *settings)
{
    char *body = allocate(settings->size);
    for (unsigned i = 0; i < settings->count; i++)
        start_sender(connected(nng_push0_open, settings->address), body, settings->size, 1);
}

static void inproc(struct settings *settings)
{
    settings->address = "inproc://bench";
    settings->count = 1;
    pull(settings);
    pushes(settings);
}

static void pub(const struct settings *settings)
{
    nng_socket socket = bound(nng_pub0_open, settings->address);
    say_ready();
    wait_for_peers(settings->count);
    start_sender(socket, allocate(settings->size), settings->size, 1);
}

static void subscribe(nng_socket socket, const char *prefix, size_t size)
{
    check(nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, prefix, size), "nng_socket_set");
}

static void sub(const struct settings *settings)
{
    for (unsigned i = 0; i < settings->count; i++) {
        nng_socket socket = open_socket(nng_sub0_open);
        subscribe(socket, "", 0);
        dial(socket, settings->address);
        start_receiver(socket);
    }
}

/* PUB and SUB over inproc; the SUB has `count` prefixes, and each message matches one of them. */
static void prefixes(const struct settings *settings)
{
    const char *address = "inproc://bench";
    char *bodies = allocate(TOPICS_SENT * settings->size);
    char topic[TOPIC_SIZE];
    nng_socket publisher = bound(nng_pub0_open, address);
    nng_socket subscriber = open_socket(nng_sub0_open);
    for (uint32_t i = 0; i < settings->count; i++) {
        write_topic(topic, i);
        subscribe(subscriber, topic, TOPIC_SIZE);
    }
    for (uint32_t i = 0; i < TOPICS_SENT; i++)
        write_topic(bodies + i * settings->size, topic_number(i, settings->count));
    dial(subscriber, address);
    wait_for_peers(2);
    say_ready();
    start_receiver(subscriber);
    start_sender(publisher, bodies, settings->size, TOPICS_SENT);
}

/* ---- latency and requests: a message there and back, `count` of them under way, each with a context of its own -------- */

struct exchange {
    nng_socket socket;
    nng_ctx context; /* REQ and REP; PAIR has none */
    int has_context, receiving;
    nng_aio *aio;
    double before;
};

static struct exchange *new_exchange(nng_socket socket, int has_context, void (*callback)(void *))
{
    struct exchange *exchange = allocate(sizeof *exchange);
    exchange->socket = socket;
    exchange->has_context = has_context;
    if (has_context)
        check(nng_ctx_open(&exchange->context, socket), "nng_ctx_open");
    check(nng_aio_alloc(&exchange->aio, callback, exchange), "nng_aio_alloc");
    return exchange;
}

static void exchange_receive(struct exchange *exchange)
{
    exchange->receiving = 1;
    if (exchange->has_context)
        nng_ctx_recv(exchange->context, exchange->aio);
    else
        nng_recv_aio(exchange->socket, exchange->aio);
}

static void exchange_send(struct exchange *exchange)
{
    exchange->receiving = 0;
    if (exchange->has_context)
        nng_ctx_send(exchange->context, exchange->aio);
    else
        nng_send_aio(exchange->socket, exchange->aio);
}

/* The answering end: what has come in is still in the aio, and goes back. */
static void answer_step(void *argument)
{
    struct exchange *exchange = argument;
    check(nng_aio_result(exchange->aio), "answer");
    if (exchange->receiving)
        exchange_send(exchange);
    else
        exchange_receive(exchange);
}

static void answer(opener open, int has_context, const struct settings *settings)
{
    nng_socket socket = bound(open, settings->address);
    say_ready();
    for (unsigned i = 0; i < settings->count; i++)
        exchange_receive(new_exchange(socket, has_context, answer_step));
}

/* The asking end. */
static struct {
    pthread_mutex_t lock;
    struct stopwatch stopwatch;
    const char *body;
    size_t size;
} asked = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void ask_next(struct exchange *exchange)
{
    exchange->before = now();
    nng_aio_set_msg(exchange->aio, new_message(asked.body, asked.size));
    exchange_send(exchange);
}

static void ask_step(void *argument)
{
    struct exchange *exchange = argument;
    check(nng_aio_result(exchange->aio), "ask");
    if (!exchange->receiving) {
        exchange_receive(exchange);
        return;
    }
    nng_msg_free(nng_aio_get_msg(exchange->aio));
    pthread_mutex_lock(&asked.lock);
    stopwatch_add(&asked.stopwatch, exchange->before);
    pthread_mutex_unlock(&asked.lock);
    ask_next(exchange);
}

static void ask(opener open, int has_context, double share, const struct settings *settings)
{
    nng_socket socket = connected(open, settings->address);
    wait_for_peers(1);
    asked.stopwatch = new_stopwatch(settings, share);
    asked.body = allocate(settings->size);
    asked.size = settings->size;
    for (unsigned i = 0; i < settings->count; i++)
        ask_next(new_exchange(socket, has_context, ask_step));
}

/* ---- connections ----------------------------------------------------------------------------------------------------- */

static void idle_listener(const struct settings *settings)
{
    double before, started;
    bound(nng_pull0_open, settings->address);
    before = current_memory();
    say_ready();
    wait_for_peers(1);
    started = now();
    wait_for_peers(settings->count);
    printf("{\"count\":%u,\"seconds\":%.6f,\"rss\":%.0f}\n", settings->count, now() - started,
           current_memory() - before);
    fflush(stdout);
}

static void idle_dialer(const struct settings *settings)
{
    double started = now(), connected_after;
    nng_socket socket = open_socket(nng_push0_open);
    for (unsigned i = 0; i < settings->count; i++)
        dial(socket, settings->address);
    wait_for_peers(settings->count);
    connected_after = now() - started;
    say_ready();
    wait_for_cue();
    started = now();
    nng_close(socket);
    printf("{\"connect\":%.6f,\"close\":%.6f}\n", connected_after, now() - started);
    fflush(stdout);
    _exit(0);
}

/* ---- slow reader ----------------------------------------------------------------------------------------------------- */

static void stall(const struct settings *settings)
{
    int pubsub = strcmp(settings->pattern, "pubsub") == 0;
    double before;
    nng_socket socket = open_socket(pubsub ? nng_sub0_open : nng_pull0_open);
    if (pubsub)
        subscribe(socket, "", 0);
    check(nng_listen(socket, settings->address, NULL, 0), "nng_listen");
    before = current_memory();
    say_ready();
    wait_for_cue();
    printf("{\"grown\":%.0f}\n", peak_memory() - before);
    fflush(stdout);
    _exit(0);
}

static void flood(const struct settings *settings)
{
    int pubsub = strcmp(settings->pattern, "pubsub") == 0;
    char *body = allocate(settings->size);
    unsigned long long accepted = 0;
    double before, started;
    nng_socket socket = connected(pubsub ? nng_pub0_open : nng_push0_open, settings->address);
    check(nng_socket_set_ms(socket, NNG_OPT_SENDTIMEO, 50), "nng_socket_set_ms");
    wait_for_peers(1);
    memset(body, 1, settings->size);
    before = current_memory();
    started = now();
    while (now() - started < settings->duration) {
        nng_msg *message = new_message(body, settings->size);
        if (nng_sendmsg(socket, message, 0) == 0)
            accepted++;
        else
            nng_msg_free(message);
    }
    printf("{\"count\":%llu,\"grown\":%.0f}\n", accepted, peak_memory() - before);
    fflush(stdout);
}

/* ---- crowd: of the proving ground ----------------------------------------------------------------------------------- */

/* Reads from its cue on, and says what it has seen of `count` loud peers and a quiet one. */
static void crowd(const struct settings *settings)
{
    int pubsub = strcmp(settings->pattern, "pubsub") == 0;
    nng_socket socket = open_socket(pubsub ? nng_sub0_open : nng_pull0_open);
    struct crowd *crowd;
    if (pubsub)
        subscribe(socket, "", 0);
    check(nng_listen(socket, settings->address, NULL, 0), "nng_listen");
    say_ready();
    wait_for_cue();
    crowd = new_crowd(settings->count);
    while (now() - crowd->started < settings->duration) {
        nng_msg *message;
        check(nng_recvmsg(socket, &message, 0), "nng_recvmsg");
        crowd_add(crowd, nng_msg_body(message), nng_msg_len(message));
        nng_msg_free(message);
    }
    crowd_say(crowd);
}

int main(int argc, char **argv)
{
    struct settings settings = parse_settings(argc, argv);
    const char *role = settings.role;
    if (strcmp(role, "version") == 0) {
        printf("{\"version\":\"%s\"}\n", nng_version());
        return 0;
    }
    meter = new_meter(&settings);
    start_thread(watch_stdin, NULL);
    if (strcmp(role, "pull") == 0)
        pull(&settings);
    else if (strcmp(role, "push") == 0)
        pushes(&settings);
    else if (strcmp(role, "inproc") == 0)
        inproc(&settings);
    else if (strcmp(role, "pushes") == 0)
        pushes(&settings);
    else if (strcmp(role, "echo") == 0)
        answer(nng_pair0_open, 0, &settings);
    else if (strcmp(role, "ping") == 0)
        ask(nng_pair0_open, 0, 0.5, &settings);
    else if (strcmp(role, "rep") == 0)
        answer(nng_rep0_open, 1, &settings);
    else if (strcmp(role, "req") == 0)
        ask(nng_req0_open, 1, 1, &settings);
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
    wait_for_the_end();
}
