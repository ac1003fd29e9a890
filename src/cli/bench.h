/* Benchmarks of `precinct bench`: one row per figure in a table, one JSON line per figure.
 *
 * An operation is timed by itself, so that median and p99 are of single operations; each figure is printed beside
 * a baseline measured in the same run (plain Dijkstra, one-to-one), for machines drift. */
#ifndef PCT_CLI_BENCH_H
#define PCT_CLI_BENCH_H

#include "base/rng.h"
#include "cli/command.h"
#include "road/dijkstra.h"
#include "road/road.h"
#include "site/site.h"

typedef struct pct_bench {
    pct_cli *cli;
    pct_site site;
    pct_router *router;
    pct_dijkstra *dijkstra;
    pct_rng rng;
    uint32_t *scratch;      /* [nodes] */
    pct_road_point *points; /* PCT_BENCH_POINTS random nodes of the main part */
    uint32_t *times_ms;     /* [PCT_BENCH_POINTS] */
    void *context;          /* what a group keeps for itself */
    double baseline_s;      /* the first figure of the roads; 0: not yet measured */
    bool is_absent;         /* a group's open found that the site lacks what it measures: no lines */
    /* What an operation says of itself; as after zeroing before each figure. */
    uint32_t at_once;   /* it did so many alike: its time is divided by them (0: one) */
    int64_t peak_bytes; /* of a process of its own (0: this process and its children) */
} pct_bench;

enum { PCT_BENCH_POINTS = 1000 };

typedef struct pct_bench_figure {
    const char *name;
    int repeats;
    pct_status (*operation)(pct_bench *bench, int repeat, pct_error *error);
    /* What it is printed beside; NULL: the first figure of the roads. */
    pct_status (*baseline)(pct_bench *bench, int repeat, pct_error *error);
} pct_bench_figure;

/* A group is one file bench_*.c and one row in cmd_bench.c; figures end with a zeroed one. Groups of one name run together. */
typedef struct pct_bench_group {
    const char *name;
    const pct_bench_figure *figures;
    pct_status (*open)(pct_bench *bench, pct_error *error); /* may be NULL */
    void (*close)(pct_bench *bench);                        /* may be NULL */
    /* Before each operation, untimed; may be NULL. */
    pct_status (*prepare)(pct_bench *bench, pct_error *error);
    /* Instead of figures, where these are not single operations: measures and writes its lines itself. */
    pct_status (*run)(pct_bench *bench, pct_error *error);
    bool without_site; /* makes what it measures */
} pct_bench_group;

/* One line by hand: its name, then numbers, in the order given. */
typedef struct pct_bench_number {
    const char *key;
    double value;
    int decimals;
} pct_bench_number;
void pct_bench_line(pct_bench *bench, const char *name, const char *unit, const pct_bench_number *numbers,
                    size_t count);

#endif
