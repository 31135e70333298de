/* libnng (Debian: libnng-dev) in the roles of faults and partition. */
#include "role.h"

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

static struct settings settings;
static nng_socket socket_;
static atomic_int questions;

static void check(int error, const char *what)
{
    if (error != 0)
        die(what, nng_strerror(error));
}

static long current_peers(void)
{
    return (long) peers;
}

static void count_peer(nng_pipe pipe, nng_pipe_ev event, void *unused)
{
    (void) pipe, (void) unused;
    peers += event == NNG_PIPE_EV_ADD_POST ? 1 : -1;
}

static void open_socket(int (*open)(nng_socket *))
{
    check(open(&socket_), "nng_open");
    check(nng_pipe_notify(socket_, NNG_PIPE_EV_ADD_POST, count_peer, NULL), "nng_pipe_notify");
    check(nng_pipe_notify(socket_, NNG_PIPE_EV_REM_POST, count_peer, NULL), "nng_pipe_notify");
    check(nng_socket_set_ms(socket_, NNG_OPT_RECONNMINT, 10), "nng_socket_set_ms");
    check(nng_socket_set_ms(socket_, NNG_OPT_RECONNMAXT, 100), "nng_socket_set_ms");
    if (open == nng_sub0_open)
        check(nng_socket_set(socket_, NNG_OPT_SUB_SUBSCRIBE, "", 0), "nng_socket_set");
    if (open == nng_req0_open)
        check(nng_socket_set_ms(socket_, NNG_OPT_REQ_RESENDTIME, 1000), "nng_socket_set_ms");
    if (settings.bind[0])
        check(nng_listen(socket_, settings.bind, NULL, 0), "nng_listen");
    for (int i = 0; i < settings.addresses; i++)
        check(nng_dial(socket_, settings.connect[i], NULL, NNG_FLAG_NONBLOCK), "nng_dial");
}

static void *receive(void *unused)
{
    int file = open_record(&settings);
    (void) unused;
    for (;;) {
        nng_msg *message;
        check(nng_recvmsg(socket_, &message, 0), "nng_recvmsg");
        record_message(file, nng_msg_body(message));
        nng_msg_free(message);
    }
}

static int send_one(const char *message)
{
    return nng_send(socket_, (void *) message, MESSAGE_SIZE, 0) == 0;
}

static void *send_all(void *unused)
{
    (void) unused;
    /* It waits no longer than this, so that `finish` is seen. */
    check(nng_socket_set_ms(socket_, NNG_OPT_SENDTIMEO, 100), "nng_socket_set_ms");
    send_at_pace(&settings, send_one);
    return NULL;
}

static void *answer(void *unused)
{
    (void) unused;
    for (;;) {
        nng_msg *message;
        check(nng_recvmsg(socket_, &message, 0), "nng_recvmsg");
        if (nng_sendmsg(socket_, message, 0) != 0)
            nng_msg_free(message);
    }
}

/* One request is in flight in a context; each thread has its own. */
static void *ask(void *unused)
{
    nng_ctx context;
    nng_aio *aio;
    (void) unused;
    check(nng_ctx_open(&context, socket_), "nng_ctx_open");
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    while (goes_on) {
        char body[MESSAGE_SIZE];
        nng_msg *message;
        uint32_t number = (uint32_t) ++questions;
        double before = now();
        number_message(body, number);
        check(nng_msg_alloc(&message, 0), "nng_msg_alloc");
        check(nng_msg_append(message, body, sizeof body), "nng_msg_append");
        asked++;
        nng_aio_set_msg(aio, message);
        nng_ctx_send(context, aio);
        nng_aio_wait(aio);
        if (nng_aio_result(aio) == 0) {
            nng_ctx_recv(context, aio);
            nng_aio_wait(aio);
        } else
            nng_msg_free(message);
        if (nng_aio_result(aio) != 0) {
            failed++;
            continue;
        }
        message = nng_aio_get_msg(aio);
        count_answer(number, nng_msg_body(message), nng_msg_len(message), before);
        nng_msg_free(message);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    settings = parse_settings(argc, argv);
    if (strcmp(settings.role, "req") == 0) {
        open_socket(nng_req0_open);
        for (int i = 0; i < settings.in_flight; i++)
            start_thread(ask, NULL);
    } else if (strcmp(settings.role, "rep") == 0) {
        open_socket(nng_rep0_open);
        start_thread(answer, NULL);
    } else if (strcmp(settings.role, "push") == 0 || strcmp(settings.role, "pub") == 0) {
        open_socket(settings.role[2] == 's' ? nng_push0_open : nng_pub0_open);
        start_thread(send_all, NULL);
    } else if (strcmp(settings.role, "pull") == 0 || strcmp(settings.role, "sub") == 0) {
        open_socket(settings.role[0] == 'p' ? nng_pull0_open : nng_sub0_open);
        start_thread(receive, NULL);
    } else
        die("Unknown role", settings.role);
    answer_questions(15000);
}
