/*
 * What the workers in C share: the command line `ROLE key=value ...`, the clock, the measured windows, percentiles,
 * memory figures and the JSON lines on stdout that are a worker's results. ../lib/worker.ts is the same in TypeScript;
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
    const char *pattern;  /* slow reader: "pipeline" or "pubsub" */
    const char *security; /* of ZeroMQ: "null" or "curve" */
    size_t size;          /* bytes of a message */
    double warmup;        /* seconds that pass before anything counts */
    double duration;      /* seconds that count */
    unsigned count;       /* of sockets, peers, prefixes or requests in flight: see the role */
};

static inline struct settings parse_settings(int argc, char **argv)
{
    struct settings settings = {.role = "",
                                .address = "",
                                .pattern = "pipeline",
                                .security = "null",
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
        else if (strncmp(argv[i], "security", length) == 0)
            settings.security = value;
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

/* For `security=curve`: the server's key pair in zmq_curve(7). */
#define CURVE_PUBLIC_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define CURVE_SECRET_KEY "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

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

/* Takes a cue if one was given. */
static inline int take_cue(void)
{
    int taken;
    pthread_mutex_lock(&cue_lock);
    taken = cues > 0;
    cues -= taken;
    pthread_mutex_unlock(&cue_lock);
    return taken;
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

/* ---- the measured windows: from the first message or exchange after the warm-up to the last one -------------------- */

/* Seconds that pass before anything counts in every window but the first: the process was stopped before it. */
#define REWARMUP 0.025

enum moment { BEFORE, BEGIN, WITHIN, END };

/* The first window begins with the work, each other one at a cue. */
struct windows {
    double warmup, duration;
    double opened, started;
    int is_over;
};

static inline struct windows new_windows(const struct settings *settings)
{
    return (struct windows) {.warmup = settings->warmup, .duration = settings->duration};
}

/* Where a moment lies. */
static inline enum moment moment_of(struct windows *windows, double time)
{
    if (windows->is_over) {
        if (!take_cue())
            return BEFORE;
        *windows = (struct windows) {.warmup = REWARMUP, .duration = windows->duration};
    }
    if (windows->opened == 0)
        windows->opened = time;
    if (windows->started == 0) {
        if (time - windows->opened < windows->warmup)
            return BEFORE;
        windows->started = time;
        return BEGIN;
    }
    windows->is_over = time - windows->started >= windows->duration;
    return windows->is_over ? END : WITHIN;
}

/* ---- messages ------------------------------------------------------------------------------------------------------ */

struct meter {
    struct windows windows;
    uint64_t count, bytes;
    unsigned stride, until_check; /* the clock is read once in `stride` messages */
};

static inline struct meter new_meter(const struct settings *settings)
{
    struct meter meter = {.windows = new_windows(settings)};
    meter.stride = settings->size >= 16384 ? 1 : 64;
    meter.until_check = 1;
    return meter;
}

/* Counts a message; says after each window how many there were. */
static inline void meter_add(struct meter *meter, size_t bytes)
{
    double time;
    enum moment moment;
    meter->count++;
    meter->bytes += bytes;
    if (--meter->until_check > 0)
        return;
    meter->until_check = meter->stride;
    time = now();
    moment = moment_of(&meter->windows, time);
    if (moment == BEGIN)
        meter->count = meter->bytes = 0;
    else if (moment == END) {
        printf("{\"count\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"peakRss\":%.0f}\n", (unsigned long long) meter->count,
               (unsigned long long) meter->bytes, time - meter->windows.started, peak_memory());
        fflush(stdout);
    }
}

/* ---- exchanges ----------------------------------------------------------------------------------------------------- */

struct stopwatch {
    struct windows windows;
    double share;    /* of an exchange, that counts: 0.5 for half a round trip */
    uint64_t exchanges;
    double *samples; /* microseconds */
    size_t count, room;
};

static inline struct stopwatch new_stopwatch(const struct settings *settings, double share)
{
    return (struct stopwatch) {.windows = new_windows(settings), .share = share};
}

static inline void add_sample(struct stopwatch *stopwatch, double microseconds)
{
    if (stopwatch->count == stopwatch->room) {
        stopwatch->room = stopwatch->room ? stopwatch->room * 2 : 65536;
        stopwatch->samples = realloc(stopwatch->samples, stopwatch->room * sizeof *stopwatch->samples);
        if (stopwatch->samples == NULL)
            die("Out of memory");
    }
    stopwatch->samples[stopwatch->count++] = microseconds;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* The samples must be sorted. */
static inline double percentile(const struct stopwatch *stopwatch, double p)
{
    return stopwatch->count == 0 ? 0 : stopwatch->samples[(size_t) ((double) (stopwatch->count - 1) * p)];
}

/* Counts an exchange that began at `before`; says after each window how long they took. */
static inline void stopwatch_add(struct stopwatch *stopwatch, double before)
{
    double time = now();
    enum moment moment = moment_of(&stopwatch->windows, time);
    if (moment == BEFORE || moment == BEGIN)
        return;
    stopwatch->exchanges++;
    /* What was under way while the process was stopped tells nothing but how long that was. */
    if (before >= stopwatch->windows.opened)
        add_sample(stopwatch, (time - before) * 1e6 * stopwatch->share);
    if (moment != END)
        return;
    qsort(stopwatch->samples, stopwatch->count, sizeof *stopwatch->samples, compare_doubles);
    printf("{\"count\":%llu,\"seconds\":%.6f,\"p50\":%.3f,\"p99\":%.3f,\"peakRss\":%.0f}\n",
           (unsigned long long) stopwatch->exchanges, time - stopwatch->windows.started, percentile(stopwatch, 0.5),
           percentile(stopwatch, 0.99), peak_memory());
    fflush(stdout);
    stopwatch->exchanges = stopwatch->count = 0;
}

/* ---- what a worker says besides ------------------------------------------------------------------------------------ */

static inline void say_ready(void)
{
    puts("{\"ready\":1}");
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

/* ---- a crowd: see ../lib/crowd.ts --------------------------------------------------------------------------------- */

#define MARK_SIZE 16
#define QUIET_PEER 0xffffffffu
#define MOST_QUIET 65536

struct crowd {
    uint64_t taken, *counts;
    uint32_t loud, last_quiet, quiet, out_of_order;
    double started, latencies[MOST_QUIET];
};

static inline struct crowd *new_crowd(uint32_t loud)
{
    struct crowd *crowd = allocate(sizeof *crowd);
    crowd->counts = allocate(loud * sizeof *crowd->counts);
    crowd->loud = loud;
    crowd->started = now();
    return crowd;
}

static inline uint64_t big_endian(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static inline void crowd_add(struct crowd *crowd, const void *message, size_t size)
{
    const unsigned char *bytes = message;
    uint32_t peer = size < MARK_SIZE ? 0 : (uint32_t) big_endian(bytes, 4);
    crowd->taken++;
    if (peer < crowd->loud)
        crowd->counts[peer]++;
    if (peer == QUIET_PEER && crowd->quiet < MOST_QUIET) {
        struct timespec time;
        uint64_t bits = big_endian(bytes + 8, 8);
        uint32_t count = (uint32_t) big_endian(bytes + 4, 4);
        double sent;
        memcpy(&sent, &bits, sizeof sent);
        clock_gettime(CLOCK_REALTIME, &time);
        if (crowd->quiet > 0 && count != crowd->last_quiet + 1)
            crowd->out_of_order++;
        crowd->last_quiet = count;
        crowd->latencies[crowd->quiet++] = (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6 - sent;
    }
}

/* Says what was seen; a quiet one that never came through has latencies of -1. */
static inline void crowd_say(struct crowd *crowd)
{
    uint64_t most = 0, least = UINT64_MAX;
    uint32_t silent = 0;
    uint32_t last = crowd->quiet > 0 ? crowd->quiet - 1 : 0;
    if (crowd->quiet == 0)
        crowd->latencies[0] = -1;
    qsort(crowd->latencies, crowd->quiet, sizeof *crowd->latencies, compare_doubles);
    for (uint32_t i = 0; i < crowd->loud; i++) {
        most = crowd->counts[i] > most ? crowd->counts[i] : most;
        least = crowd->counts[i] < least ? crowd->counts[i] : least;
        silent += crowd->counts[i] == 0;
    }
    printf("{\"taken\":%llu,\"most\":%llu,\"least\":%llu,\"silent\":%u,\"quiet\":%u,\"outOfOrder\":%u,\"p50\":%.3f,\"p99\":%.3f,"
           "\"elapsed\":%.3f}\n",
           (unsigned long long) crowd->taken, (unsigned long long) most, (unsigned long long) least, silent, crowd->quiet,
           crowd->out_of_order, crowd->latencies[last / 2], crowd->latencies[(uint32_t) (last * 0.99)],
           (now() - crowd->started) * 1e3);
    fflush(stdout);
}

#endif
