/* The words of the schema, and its SQL. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "store/schema.h"

const char *const pct_data_class_names[PCT_DATA_COUNT] = {"",
#define X(NAME, name) name,
                                                          PCT_DATA_CLASSES(X)
#undef X
};

const char *const pct_purpose_names[PCT_PURPOSE_COUNT] = {"",
#define X(NAME, name) name,
                                                          PCT_PURPOSES(X)
#undef X
};

const pct_period_row pct_periods[PCT_PERIOD_COUNT] = {{"", 0, ""},
#define X(NAME, name, hours, from) {name, hours, from},
                                                      PCT_PERIODS(X)
#undef X
};

/* The comments stay in the file: whoever opens it with other tools reads there what a column is for. */
void pct_schema_write(const pct_table_schema *table, pct_buffer *out) {
    (void)pct_buffer_append_format(out, "-- %s\nCREATE TABLE IF NOT EXISTS %s (\n", table->about,
                                   table->name);
    for (const pct_column *c = table->columns; c->name; c++) {
        bool last = !c[1].name && !table->primary;
        (void)pct_buffer_append_format(out, "  %s %s%s -- %s; %s, for %s; kept: %s\n", c->name, c->sql,
                                       last ? "" : ",", c->holds, pct_data_class_names[c->class],
                                       pct_purpose_names[c->purpose], pct_periods[c->period].from);
    }
    if (table->primary) (void)pct_buffer_append_format(out, "  %s\n", table->primary);
    (void)pct_buffer_append_format(out, ")%s%s;\n%s", *table->options ? " " : "", table->options,
                                   table->indexes ? table->indexes : "");
}

const pct_table_schema *pct_schema_find(const pct_table_schema *tables, const char *name) {
    while (tables->name && strcmp(tables->name, name) != 0) tables++;
    return tables->name ? tables : NULL;
}
