/*
 * What nanomsg.c and nng.c share: the command line `ROLE key=value ...`, the clock, the measured window, percentiles,
 * memory figures and the one JSON line on stdout that is a worker's result. ../lib/worker.ts is the same in TypeScript;
 * ../README.md lists the roles and what each prints.
 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    _exit(1);
}

static inline void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes ? bytes : 1);
    if (memory == NULL)
        die("Out of memory");
    return memory;
}

/* ---- the command line -------------------------------------------------------------------------------------------- */

struct settings {
    const char *role;
    const char *address;
    const char *pattern; /* slow reader: "pipeline" or "pubsub" */
    size_t size;         /* bytes of a message */
    double warmup;       /* seconds that pass before anything counts */
    double duration;     /* seconds that count */
    unsigned count;      /* of sockets, peers, prefixes or requests in flight: see the role */
};

static inline struct settings parse_settings(int argc, char **argv)
{
    struct settings settings = {.role = "",
                                .address = "",
                                .pattern = "pipeline",
                                .size = 64,
                                .warmup = 0.2,
                                .duration = 0.5,
                                .count = 1};
    if (argc > 1)
        settings.role = argv[1];
    for (int i = 2; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        if (equals == NULL)
            die("Expected key=value, got \"%s\"", argv[i]);
        const char *value = equals + 1;
        size_t length = (size_t) (equals - argv[i]);
        if (strncmp(argv[i], "address", length) == 0)
            settings.address = value;
        else if (strncmp(argv[i], "pattern", length) == 0)
            settings.pattern = value;
        else if (strncmp(argv[i], "size", length) == 0)
            settings.size = strtoul(value, NULL, 10);
        else if (strncmp(argv[i], "warmup", length) == 0)
            settings.warmup = atof(value) / 1e3;
        else if (strncmp(argv[i], "duration", length) == 0)
            settings.duration = atof(value) / 1e3;
        else if (strncmp(argv[i], "count", length) == 0)
            settings.count = (unsigned) strtoul(value, NULL, 10);
    }
    return settings;
}

/* ---- life: a worker ends when its stdin does, so none outlives the bench ------------------------------------------ */

static pthread_mutex_t cue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cue_given = PTHREAD_COND_INITIALIZER;
static int cues;

static inline void *watch_stdin(void *unused)
{
    char byte;
    (void) unused;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
        pthread_mutex_lock(&cue_lock);
        cues++;
        pthread_cond_signal(&cue_given);
        pthread_mutex_unlock(&cue_lock);
    }
    _exit(0);
}

static inline void start_thread(void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    if (pthread_create(&thread, &attributes, run, argument) != 0)
        die("Cannot start a thread");
    pthread_detach(thread);
    pthread_attr_destroy(&attributes);
}

/* A byte on stdin is the cue to go on. */
static inline void wait_for_cue(void)
{
    pthread_mutex_lock(&cue_lock);
    while (cues == 0)
        pthread_cond_wait(&cue_given, &cue_lock);
    cues--;
    pthread_mutex_unlock(&cue_lock);
}

static inline void wait_for_the_end(void)
{
    for (;;)
        pause();
}

/* ---- clock, memory ------------------------------------------------------------------------------------------------ */

static inline double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static inline void sleep_ms(unsigned milliseconds)
{
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = (milliseconds % 1000) * 1000000L};
    nanosleep(&time, NULL);
}

/* A "Vm...:" line of /proc/self/status, in bytes. Not getrusage: its peak is inherited from the parent over exec. */
static inline double status_bytes(const char *field)
{
    char line[256];
    double bytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            bytes = atof(line + strlen(field)) * 1024;
    fclose(status);
    return bytes;
}

static inline double current_memory(void)
{
    return status_bytes("VmRSS:");
}

static inline double peak_memory(void)
{
    return status_bytes("VmHWM:");
}

/* ---- the measured window: from the first message after the warm-up to the last one -------------------------------- */

struct meter {
    double warmup, duration;
    double opened, started, ended;
    uint64_t count, bytes;
    unsigned stride, until_check; /* the clock is read once in `stride` messages */
};

static inline struct meter new_meter(const struct settings *settings)
{
    struct meter meter = {.warmup = settings->warmup, .duration = settings->duration};
    meter.stride = settings->size >= 16384 ? 1 : 64;
    meter.until_check = 1;
    return meter;
}

/* Counts a message; true once the window is over. */
static inline int meter_add(struct meter *meter, size_t bytes)
{
    double time;
    meter->count++;
    meter->bytes += bytes;
    if (--meter->until_check > 0)
        return 0;
    meter->until_check = meter->stride;
    time = now();
    if (meter->opened == 0)
        meter->opened = time;
    if (meter->started == 0) {
        if (time - meter->opened >= meter->warmup) {
            meter->started = time;
            meter->count = meter->bytes = 0;
        }
        return 0;
    }
    meter->ended = time;
    return time - meter->started >= meter->duration;
}

/* ---- latencies ---------------------------------------------------------------------------------------------------- */

struct latencies {
    double *samples; /* microseconds */
    size_t count, room;
};

static inline void add_latency(struct latencies *latencies, double microseconds)
{
    if (latencies->count == latencies->room) {
        latencies->room = latencies->room ? latencies->room * 2 : 65536;
        latencies->samples = realloc(latencies->samples, latencies->room * sizeof *latencies->samples);
        if (latencies->samples == NULL)
            die("Out of memory");
    }
    latencies->samples[latencies->count++] = microseconds;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* The samples must be sorted. */
static inline double percentile(const struct latencies *latencies, double p)
{
    if (latencies->count == 0)
        return 0;
    return latencies->samples[(size_t) ((double) (latencies->count - 1) * p)];
}

/* ---- what a worker says -------------------------------------------------------------------------------------------- */

static inline void say_ready(void)
{
    puts("{\"ready\":1}");
    fflush(stdout);
}

static inline void say_meter(const struct meter *meter)
{
    printf("{\"count\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"peakRss\":%.0f}\n", (unsigned long long) meter->count,
           (unsigned long long) meter->bytes, meter->ended - meter->started, peak_memory());
    fflush(stdout);
}

static inline void say_latencies(struct latencies *latencies, double seconds)
{
    qsort(latencies->samples, latencies->count, sizeof *latencies->samples, compare_doubles);
    printf("{\"count\":%zu,\"seconds\":%.6f,\"p50\":%.3f,\"p99\":%.3f,\"peakRss\":%.0f}\n", latencies->count, seconds,
           percentile(latencies, 0.5), percentile(latencies, 0.99), peak_memory());
    fflush(stdout);
}

/* ---- topics of the subscriptions part: "t/0000042/" and padding ---------------------------------------------------- */

enum { TOPIC_SIZE = 10, TOPICS_SENT = 4096 };

static inline void write_topic(char *message, uint32_t number)
{
    char topic[24];
    snprintf(topic, sizeof topic, "t/%07u/", number % 10000000u);
    memcpy(message, topic, TOPIC_SIZE);
}

/* The topics that are sent lie all over the prefixes, so that a lookup meets cold memory. */
static inline uint32_t topic_number(uint32_t i, uint32_t prefixes)
{
    return (uint32_t) ((uint64_t) i * 2654435761u % prefixes);
}

#endif
