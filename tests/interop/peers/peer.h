/*
 * What the two peers have in common: arguments, and lines on standard output, each of which is one event that
 * a test waits for.
 *
 *     peer COMMAND bind|connect ADDRESS [ARGUMENT ...]
 */
#ifndef PEER_H
#define PEER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* nanomsg's default, and ours; nng 1.5 has none. */
#define MAX_MESSAGE (1024 * 1024)

static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/* FNV-1a, 32 bits; start with 0x811c9dc5. */
static uint32_t fnv(const void *data, size_t length, uint32_t hash)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 0x01000193;
    return hash;
}

#define FNV_START 0x811c9dc5u

/* Bytes as hexadecimal digits, in one of four buffers that take turns; a dash for none. */
static const char *hex(const void *data, size_t length)
{
    static char buffers[4][2 * 4096 + 1];
    static int turn;
    char *text = buffers[turn = (turn + 1) % 4];
    const uint8_t *bytes = data;
    if (length == 0)
        return "-";
    if (length > 4096)
        length = 4096;
    for (size_t i = 0; i < length; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
    return text;
}

/* The reverse; returns how many bytes there are. */
static size_t unhex(const char *text, uint8_t *bytes)
{
    size_t length = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
    for (size_t i = 0; i < length; i++)
        sscanf(text + 2 * i, "%2hhx", &bytes[i]);
    return length;
}

/* A message of so many bytes, as `pattern(length)` of the tests makes it. */
static uint8_t *pattern(size_t length)
{
    uint8_t *bytes = malloc(length + 1);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(i * 31);
    return bytes;
}

/* Waits a little before another look at what neither library tells of. */
static void a_moment(void)
{
    usleep(1000);
}

#endif
