/* Published routing instances as patrol problems: Solomon and Gehring-Homberger (vehicle routing with windows), team orienteering with
 * windows, and node, edge and arc routing. A distance is a time and a cost of as many units as `scale` says; in the first two sets travel
 * time is distance. Of distances that are no whole number of units the next greater is taken, so that what keeps the windows here keeps
 * them in exact numbers too; team orienteering cuts its distances itself (one decimal in Solomon's files, two in Cordeau's). */
#ifndef PCT_CLI_PATROL_INSTANCE_H
#define PCT_CLI_PATROL_INSTANCE_H

#include "base/memory.h"
#include "patrol/problem.h"

typedef struct pct_instance {
    pct_arena arena; /* holds all of it */
    pct_patrol_problem problem;
    const double *x, *y; /* [place_count]; NULL in node, edge and arc routing */
    double scale;        /* units of cost for 1 of the file's distance */
    double optimum;      /* as the file states it; 0: it states none */
} pct_instance;

/* `file` names the text in errors. Each fails with PCT_INPUT for what is no such instance; dispose of *out in every case. */
pct_status pct_instance_read_vrptw(const char *file, pct_text bytes, pct_instance *out,
                                   pct_error *error) PCT_MUST_USE;
pct_status pct_instance_read_toptw(const char *file, pct_text bytes, int32_t routes, pct_instance *out,
                                   pct_error *error) PCT_MUST_USE;
pct_status pct_instance_read_nearp(const char *file, pct_text bytes, pct_instance *out,
                                   pct_error *error) PCT_MUST_USE;
void pct_instance_dispose(pct_instance *instance);

/* The plan's travel in the file's own numbers: unrounded distances where the file has coordinates. */
double pct_instance_distance(const pct_instance *instance, const pct_patrol_plan *plan);

/* For the readers: the next word of a line (false: none is left), and the memory an instance may take. */
bool pct_instance_word(pct_text *line, pct_text *word);
enum { PCT_INSTANCE_ARENA_MAX = 1 << 30, PCT_INSTANCE_POINTS_MAX = 2000 };

#endif
