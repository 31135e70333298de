/*
 * What nanomsg.c and nng.c share: the command line `ROLE key=value ...` (its settings are those of ../faults/workers/worker.ts),
 * the questions on stdin, records of what was received, and numbered messages.
 */
#ifndef PROVE_ROLE_H
#define PROVE_ROLE_H

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 64, MOST_ADDRESSES = 8, TICK = 5 /* milliseconds between two bursts */ };

struct settings {
    const char *role, *bind, *record;
    char *connect[MOST_ADDRESSES];
    int addresses, rate, in_flight;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    _exit(1);
}

static struct settings parse_settings(int argc, char **argv)
{
    struct settings settings = {.role = argc > 1 ? argv[1] : "", .bind = "", .record = "", .rate = 1000, .in_flight = 1};
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            die(argv[i], "expected key=value");
        *value++ = 0;
        if (strcmp(argv[i], "bind") == 0)
            settings.bind = value;
        else if (strcmp(argv[i], "record") == 0)
            settings.record = value;
        else if (strcmp(argv[i], "rate") == 0)
            settings.rate = atoi(value);
        else if (strcmp(argv[i], "inFlight") == 0)
            settings.in_flight = atoi(value);
        else if (strcmp(argv[i], "connect") == 0)
            for (char *one = strtok(value, ","); one && settings.addresses < MOST_ADDRESSES; one = strtok(NULL, ","))
                settings.connect[settings.addresses++] = one;
    }
    return settings;
}

static inline double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static inline void sleep_ms(int milliseconds)
{
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = (milliseconds % 1000) * 1000000L};
    nanosleep(&time, NULL);
}

/* ---- numbered messages, and the record of those received: two numbers of 32 bits each ------------------------------- */

static inline void number_message(char *message, uint32_t number)
{
    memset(message, 0, MESSAGE_SIZE);
    memcpy(message, &number, sizeof number);
}

static inline int open_record(const struct settings *settings)
{
    return open(settings->record, O_CREAT | O_APPEND | O_WRONLY, 0600);
}

static inline void record_message(int file, const void *message)
{
    if (write(file, message, 8) != 8)
        die("record", "cannot write");
}

/* ---- what is counted, and told at the end --------------------------------------------------------------------------- */

static atomic_int goes_on = 1;
static atomic_long accepted, asked, answered, wrong, failed, slowest, peers;
static pthread_mutex_t slowest_lock = PTHREAD_MUTEX_INITIALIZER;

static inline void count_answer(uint32_t number, const void *reply, size_t size, double before)
{
    long took = (long) (now() - before);
    if (size == MESSAGE_SIZE && memcmp(reply, &number, sizeof number) == 0)
        answered++;
    else
        wrong++;
    pthread_mutex_lock(&slowest_lock);
    if (took > slowest)
        slowest = took;
    pthread_mutex_unlock(&slowest_lock);
}

/* Sends at the pace of the settings, until `finish`. `send` returns whether the message was accepted. */
static inline void send_at_pace(const struct settings *settings, int (*send)(const char *message))
{
    char message[MESSAGE_SIZE];
    double began = now();
    while (goes_on) {
        double due = (now() - began) / 1e3 * settings->rate - (double) accepted;
        double most = 2.0 * settings->rate * TICK / 1e3;
        for (int i = 0; i < (due < most ? due : most) && goes_on; i++) {
            number_message(message, (uint32_t) accepted + 1);
            if (send(message))
                accepted++;
        }
        sleep_ms(TICK);
    }
}

/* ---- questions: {"id":1,"question":"play",...}, one a line ----------------------------------------------------------- */

static long current_peers(void);

/* Answers until stdin ends. The role runs on other threads, and has begun when this is called. */
static inline void answer_questions(int patience)
{
    static char line[65536];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int id = 0;
        char question[32] = "";
        sscanf(line, "{\"id\":%d,\"question\":\"%31[a-zA-Z]\"", &id, question);
        if (strcmp(question, "finish") == 0) {
            double until = now() + patience;
            goes_on = 0;
            while (answered + wrong + failed < asked && now() < until)
                sleep_ms(10);
            sleep_ms(200); /* what was accepted is on its way */
        }
        printf("{\"id\":%d,\"accepted\":%ld,\"asked\":%ld,\"answered\":%ld,\"wrong\":%ld,\"failed\":%ld,\"slowest\":%ld,"
               "\"peers\":%ld}\n",
               id, (long) accepted, (long) asked, (long) answered, (long) wrong, (long) failed, (long) slowest,
               current_peers());
        fflush(stdout);
    }
    _exit(0);
}

static inline void start_thread(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0)
        die("pthread_create", "cannot start a thread");
    pthread_detach(thread);
}

#endif
