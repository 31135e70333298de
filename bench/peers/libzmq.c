/*
 * libzmq (Debian: libzmq3-dev) in the roles of the part `zmtp`, one peer and one request at a time:
 *
 *     cc -O2 -o ../.build/libzmq libzmq.c -lzmq -lpthread
 *     ../.build/libzmq pull address=tcp://127.0.0.1:5555 size=64 &
 *     ../.build/libzmq push address=tcp://127.0.0.1:5555 size=64
 *
 * The library does its input and output in a thread of its own, which takes many messages each time it wakes. Larger
 * high-water marks than the default of 1,000 messages bring nothing here.
 */
#include "worker.h"

#include <errno.h>
#include <zmq.h>

static int check(int result, const char *what)
{
    if (result < 0)
        die("%s: %s", what, zmq_strerror(zmq_errno()));
    return result;
}

static void set(void *socket, int option, int value)
{
    check(zmq_setsockopt(socket, option, &value, sizeof value), "zmq_setsockopt");
}

static void set_text(void *socket, int option, const char *value)
{
    check(zmq_setsockopt(socket, option, value, strlen(value)), "zmq_setsockopt");
}

/* Both ends have the key pair of worker.h; the one that binds is the server. */
static void secure(void *socket, const struct settings *settings, int is_server)
{
    if (strcmp(settings->security, "curve") != 0)
        return;
    if (is_server)
        set(socket, ZMQ_CURVE_SERVER, 1);
    else
        set_text(socket, ZMQ_CURVE_SERVERKEY, CURVE_PUBLIC_KEY);
    set_text(socket, ZMQ_CURVE_PUBLICKEY, CURVE_PUBLIC_KEY);
    set_text(socket, ZMQ_CURVE_SECRETKEY, CURVE_SECRET_KEY);
}

static void *open_socket(int type)
{
    static void *context;
    void *socket;
    if (context == NULL)
        context = zmq_ctx_new();
    socket = zmq_socket(context, type);
    if (socket == NULL)
        die("zmq_socket: %s", zmq_strerror(zmq_errno()));
    return socket;
}

static void *bound(int type, const struct settings *settings)
{
    void *socket = open_socket(type);
    secure(socket, settings, 1);
    check(zmq_bind(socket, settings->address), "zmq_bind");
    return socket;
}

static void *connected(int type, const struct settings *settings)
{
    void *socket = open_socket(type);
    secure(socket, settings, 0);
    if (type == ZMQ_SUB)
        set_text(socket, ZMQ_SUBSCRIBE, "");
    check(zmq_connect(socket, settings->address), "zmq_connect");
    return socket;
}

/* ---- throughput ---------------------------------------------------------------------------------------------------- */

static void receive_forever(void *socket, const struct settings *settings)
{
    struct meter meter = new_meter(settings);
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (;;)
        meter_add(&meter, (size_t) check(zmq_msg_recv(&message, socket, 0), "zmq_msg_recv"));
}

static void send_forever(void *socket, size_t size)
{
    char *message = allocate(size);
    for (;;)
        check(zmq_send(socket, message, size, 0), "zmq_send");
}

static void pull(const struct settings *settings)
{
    void *socket = bound(ZMQ_PULL, settings);
    say_ready();
    receive_forever(socket, settings);
}

static void push(const struct settings *settings)
{
    send_forever(connected(ZMQ_PUSH, settings), settings->size);
}

/*
 * An XPUB: libzmq's PUB is one that keeps to itself who subscribes. It waits where a PUB would drop, or else it takes the
 * processor from the thread that writes, and a thirtieth as much is delivered.
 */
static void pub(const struct settings *settings)
{
    void *socket = open_socket(ZMQ_XPUB);
    secure(socket, settings, 1);
    set(socket, ZMQ_XPUB_VERBOSE, 1);
    set(socket, ZMQ_XPUB_NODROP, 1);
    check(zmq_bind(socket, settings->address), "zmq_bind");
    say_ready();
    for (unsigned i = 0; i < settings->count; i++)
        check(zmq_recv(socket, NULL, 0, 0), "zmq_recv");
    send_forever(socket, settings->size);
}

static void sub(const struct settings *settings)
{
    receive_forever(connected(ZMQ_SUB, settings), settings);
}

/* ---- requests, one at a time ----------------------------------------------------------------------------------------- */

static void rep(const struct settings *settings)
{
    void *socket = bound(ZMQ_REP, settings);
    zmq_msg_t message;
    say_ready();
    zmq_msg_init(&message);
    for (;;) {
        check(zmq_msg_recv(&message, socket, 0), "zmq_msg_recv");
        check(zmq_msg_send(&message, socket, 0), "zmq_msg_send");
    }
}

static void req(const struct settings *settings)
{
    char *message = allocate(settings->size);
    void *socket = connected(ZMQ_REQ, settings);
    struct stopwatch stopwatch = new_stopwatch(settings, 1);
    zmq_msg_t reply;
    zmq_msg_init(&reply);
    for (;;) {
        double before = now();
        check(zmq_send(socket, message, settings->size, 0), "zmq_send");
        check(zmq_msg_recv(&reply, socket, 0), "zmq_msg_recv");
        stopwatch_add(&stopwatch, before);
    }
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
    else if (strcmp(role, "pub") == 0)
        pub(&settings);
    else if (strcmp(role, "sub") == 0)
        sub(&settings);
    else if (strcmp(role, "rep") == 0)
        rep(&settings);
    else if (strcmp(role, "req") == 0)
        req(&settings);
    else
        die("Unknown role \"%s\"", role);
}
