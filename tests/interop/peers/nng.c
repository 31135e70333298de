/* libnng (Debian: libnng-dev) in the roles of the tests; peer.h says how it is called. */
#include "peer.h"

#include <nng/nng.h>
#include <nng/protocol/pair1/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/protocol/survey0/respond.h>
#include <nng/protocol/survey0/survey.h>

static void check(int error, const char *what)
{
    if (error != 0)
        die("%s: %s", what, nng_strerror(error));
}

static _Atomic unsigned peers, connections;

static void peer_came(nng_pipe pipe, nng_pipe_ev event, void *nothing)
{
    (void)pipe, (void)event, (void)nothing;
    peers++;
    connections++;
}

static void peer_went(nng_pipe pipe, nng_pipe_ev event, void *nothing)
{
    (void)pipe, (void)event, (void)nothing;
    peers--;
}

/* What the command stands for: the same one is there for REQ and REP, for surveys, and for PAIR version 1. */
static int (*open_protocol)(nng_socket *);

static nng_socket open_socket(char **where)
{
    nng_socket socket;
    check(open_protocol(&socket), "open");
    check(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, MAX_MESSAGE), "recv-size-max");
    check(nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, 10), "reconnect-time-min");
    check(nng_pipe_notify(socket, NNG_PIPE_EV_ADD_POST, peer_came, NULL), "nng_pipe_notify");
    check(nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, peer_went, NULL), "nng_pipe_notify");
    if (strcmp(where[0], "bind") == 0)
        check(nng_listen(socket, where[1], NULL, 0), "nng_listen");
    else
        check(nng_dial(socket, where[1], NULL, NNG_FLAG_NONBLOCK), "nng_dial");
    return socket;
}

static void wait_for_peer(void)
{
    while (peers == 0)
        a_moment();
}

static nng_msg *receive(nng_socket socket)
{
    nng_msg *message;
    check(nng_recvmsg(socket, &message, 0), "nng_recvmsg");
    return message;
}

static void send_message(nng_socket socket, nng_msg *message)
{
    check(nng_sendmsg(socket, message, 0), "nng_sendmsg");
}

static nng_msg *message_of(const void *bytes, size_t length)
{
    nng_msg *message;
    check(nng_msg_alloc(&message, 0), "nng_msg_alloc");
    check(nng_msg_append(message, bytes, length), "nng_msg_append");
    return message;
}

/* Answers with what was asked. The argument is how far a question may have come. */
static void echo(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    if (arguments[2] != NULL)
        check(nng_socket_set_int(socket, NNG_OPT_MAXTTL, atoi(arguments[2])), "ttl-max");
    for (;;)
        send_message(socket, receive(socket));
}

/* Takes so many requests, each with a context, before it answers the first, and begins with the last. */
static void reverse(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    size_t count = strtoul(arguments[2], NULL, 10);
    nng_ctx *contexts = calloc(count, sizeof *contexts);
    nng_aio **waits = calloc(count, sizeof *waits);
    for (size_t i = 0; i < count; i++) {
        check(nng_ctx_open(&contexts[i], socket), "nng_ctx_open");
        check(nng_aio_alloc(&waits[i], NULL, NULL), "nng_aio_alloc");
        nng_ctx_recv(contexts[i], waits[i]);
        nng_aio_wait(waits[i]);
        check(nng_aio_result(waits[i]), "nng_ctx_recv");
    }
    say("holding %zu", count);
    for (size_t i = count; i > 0; i--) {
        nng_ctx_send(contexts[i - 1], waits[i - 1]);
        nng_aio_wait(waits[i - 1]);
        check(nng_aio_result(waits[i - 1]), "nng_ctx_send");
    }
    pause();
}

/* Shows the messages of a raw PAIR version 1, header and all. */
static void show_pair1(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    for (;;) {
        nng_msg *message = receive(socket);
        say("message %s %s", hex(nng_msg_header(message), nng_msg_header_len(message)),
            hex(nng_msg_body(message), nng_msg_len(message)));
        nng_msg_free(message);
    }
}

/* Shows requests, header and all, and answers the first COUNT of them. */
static void show(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    long count = strtol(arguments[2], NULL, 10);
    for (;; count--) {
        nng_msg *message = receive(socket);
        const char *header = hex(nng_msg_header(message), nng_msg_header_len(message));
        /* A raw REP puts the id of the pipe before what came over the wire. */
        say("request %s %s", header + 8, hex(nng_msg_body(message), nng_msg_len(message)));
        if (count > 0)
            send_message(socket, message);
    }
}

/* Sends one request with a header of the test's making, and shows the reply to it. */
static void raw_ask(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    wait_for_peer();
    uint8_t bytes[4096];
    size_t length = unhex(arguments[3], bytes);
    nng_msg *message = message_of(bytes, length);
    length = unhex(arguments[2], bytes);
    check(nng_msg_header_append(message, bytes, length), "nng_msg_header_append");
    send_message(socket, message);
    say("sent");
    message = receive(socket);
    const char *header = hex(nng_msg_header(message), nng_msg_header_len(message));
    say("reply %s%s", header, hex(nng_msg_body(message), nng_msg_len(message)));
    pause();
}

static void ask(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    wait_for_peer();
    unsigned answered = 0;
    for (unsigned i = 1;; i++) {
        send_message(socket, message_of(&i, sizeof i));
        nng_msg *reply;
        int error = nng_recvmsg(socket, &reply, 0);
        if (error == NNG_ETIMEDOUT && open_protocol == nng_surveyor0_open)
            continue; /* Nobody was there. */
        check(error, "nng_recvmsg");
        if (nng_msg_len(reply) != sizeof i || memcmp(nng_msg_body(reply), &i, sizeof i) != 0)
            die("The reply to %u is another", i);
        nng_msg_free(reply);
        if (++answered % 100 == 0)
            say("answered %u", answered);
    }
}

static void pull(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    for (;;) {
        nng_msg *message = receive(socket);
        size_t length = nng_msg_len(message);
        say("message %zu %u", length, fnv(nng_msg_body(message), length, FNV_START));
        nng_msg_free(message);
    }
}

/* As pull, with one line for so many messages. */
static void count(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    size_t wanted = strtoul(arguments[2], NULL, 10), bytes = 0;
    uint32_t hash = FNV_START;
    say("ready");
    for (size_t i = 0; i < wanted; i++) {
        nng_msg *message = receive(socket);
        hash = fnv(nng_msg_body(message), nng_msg_len(message), hash);
        bytes += nng_msg_len(message);
        nng_msg_free(message);
    }
    say("received %zu %zu %u", wanted, bytes, hash);
}

/* Sends a message of each size. "again" waits until the connection was lost, and made again. */
static void push(char **arguments)
{
    nng_socket socket = open_socket(arguments);
    wait_for_peer();
    for (char **size = arguments + 2; *size != NULL; size++) {
        unsigned before = connections;
        size_t length = strtoul(*size, NULL, 10);
        send_message(socket, message_of(pattern(length), length));
        if (size[1] != NULL && strcmp(size[1], "again") == 0) {
            while (connections == before || peers == 0)
                a_moment();
            size++;
        }
    }
    say("pushed");
    pause();
}

int main(int count_of_arguments, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(char **);
        int (*open)(nng_socket *);
    } commands[] = {
        {"echo", echo, nng_rep0_open},
        {"echo-survey", echo, nng_respondent0_open},
        {"echo-pair1", echo, nng_pair1_open},
        {"reverse", reverse, nng_rep0_open},
        {"reverse-survey", reverse, nng_respondent0_open},
        {"show", show, nng_rep0_open_raw},
        {"show-survey", show, nng_respondent0_open_raw},
        {"show-pair1", show_pair1, nng_pair1_open_raw},
        {"raw-ask", raw_ask, nng_req0_open_raw},
        {"raw-ask-survey", raw_ask, nng_surveyor0_open_raw},
        {"ask", ask, nng_req0_open},
        {"ask-survey", ask, nng_surveyor0_open},
        {"ask-pair1", ask, nng_pair1_open},
        {"pull", pull, nng_pull0_open},
        {"count", count, nng_pull0_open},
        {"push", push, nng_push0_open},
    };
    for (size_t i = 0; count_of_arguments > 3 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, arguments[1]) == 0) {
            open_protocol = commands[i].open;
            commands[i].run(arguments + 2);
            return 0;
        }
    die("usage: %s COMMAND bind|connect ADDRESS [ARGUMENT ...]", arguments[0]);
}
