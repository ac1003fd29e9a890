/* What the serving process may still do: little, so that whoever takes it over through a request gains little. Linux only: Landlock for
 * files and TCP ports, seccomp for system calls; both bind every thread that is started afterwards and cannot be undone.
 *
 *     pct_confine_memory();                         first of all: no core dump, no other process of the user reads our memory
 *     pct_confine_begin(&options, &confined);       listening sockets bound, no thread started yet
 *     …                                             the record is opened, threads are started
 *     pct_confine_end(&options, &confined);         all listens: no further socket is bound
 *
 * After begin: files only below the places named; no program is started, no process but this one signalled or read, no memory made
 * executable; connections only to `ports`. Places and calls stand in tables (confine.c, confine_calls.c), each with its reason: what
 * needs another adds a row. Where the kernel lacks something, the rest holds: `confined` says what does, and is shown to people. */
#ifndef PCT_SERVER_CONFINE_H
#define PCT_SERVER_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PCT_CONFINE_PLACES_MAX = 16, PCT_CONFINE_PORTS_MAX = 8 };

typedef enum pct_confine_right { PCT_CONFINE_READ, PCT_CONFINE_WRITE } pct_confine_right;

typedef struct pct_confine_place {
    const char *path; /* a file, or a folder with all below; NULL or absent: nothing */
    pct_confine_right right;
} pct_confine_place;

typedef struct pct_confine_options {
    pct_confine_place places[PCT_CONFINE_PLACES_MAX]; /* besides those that every server needs */
    uint16_t ports[PCT_CONFINE_PORTS_MAX];            /* TCP, to which it may connect; 0: none */
    bool outgoing; /* asks other machines: names are resolved, port 443 may be connected to */
} pct_confine_options;

typedef struct pct_confined {
    int landlock;             /* ABI of the kernel; 0: it has none */
    bool files, ports, calls; /* held */
    bool ended;               /* calls: no further listener */
    int why;                  /* errno of the first that is not held; 0: all are */
} pct_confined;

void pct_confine_memory(void);
/* The same on whichever kernel: what cannot be held is not, and told. */
void pct_confine_begin(const pct_confine_options *options, pct_confined *out);
void pct_confine_end(const pct_confine_options *options, pct_confined *out);

/* What this kernel could hold, without holding it. */
pct_confined pct_confine_probe(void);

/* confine_calls.c: 0, or an errno. */
int pct_confine_calls_begin(const pct_confine_options *options);
int pct_confine_calls_end(void);

#endif
