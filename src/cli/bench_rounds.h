/* A city made up for figures of rounds: points and lines on a plain of 12 km, two hours of the eight slower. Its numbers are those of the
 * San Francisco figure: 40 units of 20 stations, 400 points, 100 lines. */
#ifndef PCT_CLI_BENCH_ROUNDS_H
#define PCT_CLI_BENCH_ROUNDS_H

#include "base/memory.h"
#include "base/rng.h"
#include "patrol/problem.h"

/* All memory is the arena's. `hours` false: travel takes the same at all hours. */
pct_status pct_bench_city(pct_rng *rng, bool hours, pct_arena *arena, pct_patrol_problem *out,
                          pct_error *error) PCT_MUST_USE;

#endif
