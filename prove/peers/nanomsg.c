/* libnanomsg (Debian: libnanomsg-dev) in the roles of faults and partition. */
#include "role.h"

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/pubsub.h>
#include <nanomsg/reqrep.h>

static struct settings settings;
static int socket_;
static atomic_int questions;

static int check(int result, const char *what)
{
    if (result < 0)
        die(what, nn_strerror(nn_errno()));
    return result;
}

static long current_peers(void)
{
    return (long) nn_get_statistic(socket_, NN_STAT_CURRENT_CONNECTIONS);
}

static int open_socket(int protocol)
{
    int socket = check(nn_socket(AF_SP, protocol), "nn_socket");
    int interval = 10, longest = 100;
    check(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL, &interval, sizeof interval), "nn_setsockopt");
    check(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL_MAX, &longest, sizeof longest), "nn_setsockopt");
    if (protocol == NN_SUB)
        check(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "", 0), "nn_setsockopt");
    if (settings.bind[0])
        check(nn_bind(socket, settings.bind), "nn_bind");
    for (int i = 0; i < settings.addresses; i++)
        check(nn_connect(socket, settings.connect[i]), "nn_connect");
    return socket;
}

static void *receive(void *unused)
{
    int file = open_record(&settings);
    (void) unused;
    for (;;) {
        void *message;
        check(nn_recv(socket_, &message, NN_MSG, 0), "nn_recv");
        record_message(file, message);
        nn_freemsg(message);
    }
}

/* It waits no longer than this, so that `finish` is seen. */
static int send_one(const char *message)
{
    return nn_send(socket_, message, MESSAGE_SIZE, 0) >= 0;
}

static void *send_all(void *unused)
{
    int timeout = 100;
    (void) unused;
    check(nn_setsockopt(socket_, NN_SOL_SOCKET, NN_SNDTIMEO, &timeout, sizeof timeout), "nn_setsockopt");
    send_at_pace(&settings, send_one);
    return NULL;
}

static void *answer(void *unused)
{
    (void) unused;
    for (;;) {
        void *message;
        check(nn_recv(socket_, &message, NN_MSG, 0), "nn_recv");
        check(nn_send(socket_, &message, NN_MSG, 0), "nn_send");
    }
}

/* One request is in flight on a socket; each thread has its own. */
static void *ask(void *unused)
{
    int socket = open_socket(NN_REQ);
    int resend = 1000;
    (void) unused;
    check(nn_setsockopt(socket, NN_REQ, NN_REQ_RESEND_IVL, &resend, sizeof resend), "nn_setsockopt");
    while (goes_on) {
        char message[MESSAGE_SIZE];
        void *reply;
        uint32_t number = (uint32_t) ++questions;
        double before = now();
        int size;
        number_message(message, number);
        asked++;
        if (nn_send(socket, message, MESSAGE_SIZE, 0) < 0 || (size = nn_recv(socket, &reply, NN_MSG, 0)) < 0) {
            failed++;
            continue;
        }
        count_answer(number, reply, (size_t) size, before);
        nn_freemsg(reply);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    settings = parse_settings(argc, argv);
    if (strcmp(settings.role, "req") == 0) {
        for (int i = 0; i < settings.in_flight; i++)
            start_thread(ask, NULL);
    } else if (strcmp(settings.role, "rep") == 0) {
        socket_ = open_socket(NN_REP);
        start_thread(answer, NULL);
    } else if (strcmp(settings.role, "push") == 0 || strcmp(settings.role, "pub") == 0) {
        socket_ = open_socket(settings.role[2] == 's' ? NN_PUSH : NN_PUB);
        start_thread(send_all, NULL);
    } else if (strcmp(settings.role, "pull") == 0 || strcmp(settings.role, "sub") == 0) {
        socket_ = open_socket(settings.role[0] == 'p' ? NN_PULL : NN_SUB);
        start_thread(receive, NULL);
    } else
        die("Unknown role", settings.role);
    answer_questions(15000);
}
