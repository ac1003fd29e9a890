/* One short day on the street, event by event: the transcript is the file beside this one. A change of it must be
 * meant; PCT_GOLDEN_UPDATE=1 writes it anew. */
#include "sim/operations.h"
#include "support/sim_world.h"
#include "support/test.h"

static const char golden_file[] = "tests/golden/sim_transcript.txt";

static pct_status append(void *context, const pct_event *event, pct_error *error) {
    pct_buffer *transcript = context;
    pct_status status = pct_event_encode(event, transcript, error);
    if (!status) status = pct_buffer_append_byte(transcript, '\n');
    return status;
}

/* Two units, one of them off duty at 1,200 s; a diversion, a queue, a referral, a call off the map. */
static void simulate(pct_buffer *transcript) {
    pct_codes *codes = sim_world_codes();
    pct_service_times *times =
        sim_world_times_of(codes, "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,"
                                  "on_scene_mean_s,on_scene_cv,"
                                  "report_mean_s,report_cv\n*,,10,0.5,60,0.4,600,0.9,100,0.5\n");
    const pct_travel travel = sim_world_street();
    const pct_unit_row units[] = {sim_world_unit("A", 0, SIM_PATROL),
                                  sim_world_unit("B", 9000, SIM_PATROL | SIM_RESCUE)};
    const pct_sim_shift shifts[] = {{0, 0, 100000000}, {1, 0, 1200000}};
    const pct_sim_call calls[] = {
        {0, sim_world_at_m(6000), SIM_JOB, 3},      {60000, sim_world_at_m(500), SIM_STRANGE, 2},
        {200000, sim_world_at_m(4000), SIM_JOB, 3}, {250000, sim_world_at_m(5000), SIM_JOB, 1},
        {260000, sim_world_at_m(-9), SIM_JOB, 1},   {300000, sim_world_at_m(100), SIM_JOB, 4}};
    const pct_operations_input in = {.codes = codes,
                                     .service_times = times,
                                     .travel = &travel,
                                     .policy = &pct_policy_nearest,
                                     .units = units,
                                     .unit_count = sizeof units / sizeof *units,
                                     .shifts = shifts,
                                     .shift_count = sizeof shifts / sizeof *shifts,
                                     .calls = calls,
                                     .call_count = sizeof calls / sizeof *calls,
                                     .settings = pct_operations_settings_default(),
                                     .observer = {transcript, append}};
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    test_ok(pct_operations_new(&in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, 2026, &report, &error), &error);
    ck_assert_uint_eq(report.served + report.referred + report.rejected, report.calls);
    ck_assert_uint_ge(report.diverted, 1);
    pct_operations_free(operations);
    pct_service_times_free(times);
    pct_codes_free(codes);
}

TEST(transcript_of_a_short_day_is_the_recorded_one) {
    pct_buffer transcript = pct_buffer_init(1 << 20);
    simulate(&transcript);
    if (getenv("PCT_GOLDEN_UPDATE")) {
        FILE *file = fopen(golden_file, "wb");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(transcript.bytes, 1, transcript.length, file), transcript.length);
        ck_assert_int_eq(fclose(file), 0);
    }
    size_t length = 0;
    char *golden = test_read_file(golden_file, &length);
    ck_assert_ptr_nonnull(golden);
    ck_assert_str_eq(pct_buffer_chars(&transcript), golden);
    free(golden);
    pct_buffer_dispose(&transcript);
}

TEST_MAIN("sim transcript", TEST_CASE(transcript_of_a_short_day_is_the_recorded_one))
