/* Any bytes as a duty problem and as a duty plan: refused, or such that all they promise holds; a plan that is read is written, read and
 * written again the same. */
#include <stdlib.h>
#include <string.h>

#include "patrol/duty_plan.h"

enum { WRITTEN_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static void look_at(const pct_duty *duty) {
    if (duty->unit_count == 0 || duty->hours.to_ms <= duty->hours.from_ms) abort();
    for (size_t i = 0; i < duty->task_count; i++) {
        const pct_duty_task *t = &duty->tasks[i];
        bool has_place = t->position_count > 0 || t->kind == PCT_DUTY_CHECK || t->kind == PCT_DUTY_BREAK;
        if (!has_place || t->window_count == 0 || t->times < 1 || t->weight <= 0 || t->owed > t->times)
            abort();
        if (t->unit != PCT_DUTY_NONE && (size_t)t->unit >= duty->unit_count) abort();
        for (size_t w = 0; w < t->window_count; w++)
            if (t->windows[w].to_ms < t->windows[w].from_ms) abort();
        if (t->kind == PCT_DUTY_LINE && t->position_count < 2) abort();
    }
    for (size_t i = 0; i < duty->lock_count; i++)
        if ((size_t)duty->locks[i].task >= duty->task_count) abort();
}

static void write_twice(const pct_duty_plan *plan, const pct_zone *zone) {
    pct_buffer first = pct_buffer_init(WRITTEN_MAX), second = pct_buffer_init(WRITTEN_MAX);
    pct_duty_plan again;
    pct_error error;
    pct_duty_plan_write(plan, zone, PCT_EN, &first);
    if (first.failed == PCT_OK) {
        const pct_text written = {(const char *)first.bytes, first.length};
        if (pct_duty_plan_read("again", written, zone, &again, &error)) abort();
        pct_duty_plan_write(&again, zone, PCT_EN, &second);
        if (second.length != first.length || memcmp(first.bytes, second.bytes, first.length) != 0) abort();
        pct_duty_plan_dispose(&again);
    }
    pct_buffer_dispose(&first);
    pct_buffer_dispose(&second);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    const pct_text text = {(const char *)bytes, length};
    pct_zone zone = pct_zone_utc();
    pct_duty duty;
    pct_duty_plan plan;
    pct_error error;
    if (pct_duty_read("f", text, &zone, &duty, &error) == PCT_OK) {
        look_at(&duty);
        pct_duty_dispose(&duty);
    }
    if (pct_duty_plan_read("f", text, &zone, &plan, &error) == PCT_OK) {
        write_twice(&plan, &zone);
        pct_duty_plan_dispose(&plan);
    }
    return 0;
}
