/* libnanomsg (Debian: libnanomsg-dev) in the roles of the tests; peer.h says how it is called. */
#include "peer.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/survey.h>

static int check(int result, const char *what)
{
    if (result < 0)
        die("%s: %s", what, nn_strerror(nn_errno()));
    return result;
}

static void set(int socket, int option, int value)
{
    check(nn_setsockopt(socket, NN_SOL_SOCKET, option, &value, sizeof value), "nn_setsockopt");
}

static void attach(int socket, const char *role, const char *address)
{
    if (strcmp(role, "bind") == 0)
        check(nn_bind(socket, address), "nn_bind");
    else
        check(nn_connect(socket, address), "nn_connect");
}

/* What the command stands for: the same one is there for REQ and REP, and for surveys. */
static int protocol;

static int open_socket(int domain, char **where)
{
    int socket = check(nn_socket(domain, protocol), "nn_socket");
    set(socket, NN_RCVMAXSIZE, MAX_MESSAGE);
    set(socket, NN_RECONNECT_IVL, 10);
    attach(socket, where[0], where[1]);
    return socket;
}

static void wait_for_peers(int socket, uint64_t count)
{
    while (nn_get_statistic(socket, NN_STAT_CURRENT_CONNECTIONS) != count)
        a_moment();
}

/* A message as a raw socket has it. */
struct raw {
    uint8_t *body;
    size_t length;
    void *control;
};

static struct raw receive_raw(int socket)
{
    struct raw message = {0};
    struct nn_iovec vector = {&message.body, NN_MSG};
    struct nn_msghdr header = {&vector, 1, &message.control, NN_MSG};
    message.length = (size_t)check(nn_recvmsg(socket, &header, 0), "nn_recvmsg");
    return message;
}

static void send_raw(int socket, struct raw message)
{
    struct nn_iovec vector = {&message.body, NN_MSG};
    struct nn_msghdr header = {&vector, 1, &message.control, NN_MSG};
    check(nn_sendmsg(socket, &header, 0), "nn_sendmsg");
}

/* The protocol's header, as digits. It lies behind its length in the only control message. */
static const char *header_of(struct raw message)
{
    uint8_t *data = NN_CMSG_DATA((struct nn_cmsghdr *)message.control);
    size_t length;
    memcpy(&length, data, sizeof length);
    return hex(data + sizeof length, length);
}

/* Answers with what was asked. The argument is how far a question may have come. */
static void echo(char **arguments)
{
    int socket = open_socket(AF_SP, arguments);
    if (arguments[2] != NULL)
        set(socket, NN_MAXTTL, atoi(arguments[2]));
    for (;;) {
        void *message;
        check(nn_recv(socket, &message, NN_MSG, 0), "nn_recv");
        check(nn_send(socket, &message, NN_MSG, 0), "nn_send");
    }
}

/* Takes so many requests before it answers the first, and begins with the last. A cooked socket has one at a time. */
static void reverse(char **arguments)
{
    int socket = open_socket(AF_SP_RAW, arguments);
    size_t count = strtoul(arguments[2], NULL, 10);
    struct raw *messages = calloc(count, sizeof *messages);
    for (size_t i = 0; i < count; i++)
        messages[i] = receive_raw(socket);
    say("holding %zu", count);
    for (size_t i = count; i > 0; i--)
        send_raw(socket, messages[i - 1]);
    pause();
}

/* Shows requests, header and all, and answers the first COUNT of them. */
static void show(char **arguments)
{
    int socket = open_socket(AF_SP_RAW, arguments);
    long count = strtol(arguments[2], NULL, 10);
    for (;; count--) {
        struct raw message = receive_raw(socket);
        /* A raw REP puts the id of the pipe before what came over the wire. */
        say("request %s %s", header_of(message) + 8, hex(message.body, message.length));
        if (count > 0)
            send_raw(socket, message);
    }
}

/* Sends one request with a header of the test's making, and shows the reply to it. */
static void raw_ask(char **arguments)
{
    int socket = open_socket(AF_SP_RAW, arguments);
    wait_for_peers(socket, 1);
    uint8_t bytes[4096];
    size_t length = unhex(arguments[2], bytes);
    size_t space = NN_CMSG_SPACE(sizeof length + length);
    struct nn_cmsghdr *control = nn_allocmsg(space, 0);
    control->cmsg_len = NN_CMSG_LEN(sizeof length + length);
    control->cmsg_level = PROTO_SP;
    control->cmsg_type = SP_HDR;
    memcpy(NN_CMSG_DATA(control), &length, sizeof length);
    memcpy(NN_CMSG_DATA(control) + sizeof length, bytes, length);
    length = unhex(arguments[3], bytes);
    struct raw message = {nn_allocmsg(length, 0), length, control};
    memcpy(message.body, bytes, length);
    send_raw(socket, message);
    say("sent");
    message = receive_raw(socket);
    say("reply %s%s", header_of(message), hex(message.body, message.length));
    pause();
}

static void ask(char **arguments)
{
    int socket = open_socket(AF_SP, arguments);
    wait_for_peers(socket, 1);
    unsigned answered = 0;
    for (unsigned i = 1;; i++) {
        char *reply;
        check(nn_send(socket, &i, sizeof i, 0), "nn_send");
        int length = nn_recv(socket, &reply, NN_MSG, 0);
        if (length < 0 && protocol == NN_SURVEYOR && nn_errno() == ETIMEDOUT)
            continue; /* Nobody was there. */
        check(length, "nn_recv");
        if (length != sizeof i || memcmp(reply, &i, sizeof i) != 0)
            die("The reply to %u is another", i);
        nn_freemsg(reply);
        if (++answered % 100 == 0)
            say("answered %u", answered);
    }
}

static void pull(char **arguments)
{
    int socket = open_socket(AF_SP, arguments);
    for (;;) {
        void *message;
        int length = check(nn_recv(socket, &message, NN_MSG, 0), "nn_recv");
        say("message %d %u", length, fnv(message, length, FNV_START));
        nn_freemsg(message);
    }
}

/* As pull, with one line for so many messages. */
static void count(char **arguments)
{
    int socket = open_socket(AF_SP, arguments);
    size_t wanted = strtoul(arguments[2], NULL, 10), bytes = 0;
    uint32_t hash = FNV_START;
    say("ready");
    for (size_t i = 0; i < wanted; i++) {
        void *message;
        int length = check(nn_recv(socket, &message, NN_MSG, 0), "nn_recv");
        hash = fnv(message, length, hash);
        bytes += length;
        nn_freemsg(message);
    }
    say("received %zu %zu %u", wanted, bytes, hash);
}

static uint64_t connections_so_far(int socket)
{
    return nn_get_statistic(socket, NN_STAT_ESTABLISHED_CONNECTIONS) +
           nn_get_statistic(socket, NN_STAT_ACCEPTED_CONNECTIONS);
}

/* Sends a message of each size. "again" waits until the connection was lost, and made again. */
static void push(char **arguments)
{
    int socket = open_socket(AF_SP, arguments);
    wait_for_peers(socket, 1);
    for (char **size = arguments + 2; *size != NULL; size++) {
        uint64_t before = connections_so_far(socket);
        size_t length = strtoul(*size, NULL, 10);
        check(nn_send(socket, pattern(length), length, 0), "nn_send");
        if (size[1] != NULL && strcmp(size[1], "again") == 0) {
            while (connections_so_far(socket) == before)
                a_moment();
            wait_for_peers(socket, 1);
            size++;
        }
    }
    say("pushed");
    pause();
}

/* PUSH with two peers, 1st and 2nd choice. Sends a message, its number, whenever the test, at ADDRESS, pushes one. */
static void priorities(char **arguments)
{
    int control = open_socket(AF_SP, arguments);
    int socket = check(nn_socket(AF_SP, NN_PUSH), "nn_socket");
    for (int i = 0; i < 2; i++) {
        set(socket, NN_SNDPRIO, i == 0 ? 1 : 2);
        check(nn_connect(socket, arguments[2 + i]), "nn_connect");
    }
    wait_for_peers(socket, 2);
    say("ready");
    uint8_t left, number = 0;
    while (nn_recv(control, &left, sizeof left, 0) == 1) {
        /* The test says how many peers there should be by now. */
        wait_for_peers(socket, left);
        check(nn_send(socket, &number, sizeof number, 0), "nn_send");
        number++;
    }
}

int main(int count_of_arguments, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(char **);
        int protocol;
    } commands[] = {
        {"echo", echo, NN_REP},
        {"echo-survey", echo, NN_RESPONDENT},
        {"reverse", reverse, NN_REP},
        {"reverse-survey", reverse, NN_RESPONDENT},
        {"show", show, NN_REP},
        {"show-survey", show, NN_RESPONDENT},
        {"raw-ask", raw_ask, NN_REQ},
        {"raw-ask-survey", raw_ask, NN_SURVEYOR},
        {"ask", ask, NN_REQ},
        {"ask-survey", ask, NN_SURVEYOR},
        {"pull", pull, NN_PULL},
        {"count", count, NN_PULL},
        {"push", push, NN_PUSH},
        {"priorities", priorities, NN_PULL},
    };
    for (size_t i = 0; count_of_arguments > 3 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, arguments[1]) == 0) {
            protocol = commands[i].protocol;
            commands[i].run(arguments + 2);
            return 0;
        }
    die("usage: %s COMMAND bind|connect ADDRESS [ARGUMENT ...]", arguments[0]);
}
