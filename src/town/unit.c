/* Units: about one for 10,000 people, at least four, dealt out over the stations. */
#include "demand/calls_csv.h"
#include "town/output.h"

enum { PEOPLE_PER_UNIT = 10000, UNITS_MIN = 4 };

/* The first four can do together what every town must be able to do; the rest repeats from the fifth on. */
static const pct_town_equipment equipments[] = {
    {"car", "patrol;traffic;medical", "00:00", "24:00", 2, 1},
    {"car", "patrol;armed;negotiator;rescue", "00:00", "24:00", 2, 2},
    {"boat", "boat;rescue;patrol", "00:00", "24:00", 1, 2},
    {"car", "patrol;dog;drone;hazmat", "00:00", "24:00", 2, 1},
    {"car", "patrol", "00:00", "24:00", 1, 2},
    {"motorcycle", "patrol;traffic", "07:00", "21:00", 1, 1},
    {"car", "patrol;traffic", "00:00", "24:00", 1, 2},
    {"car", "patrol;medical", "00:00", "24:00", 1, 2},
    {"foot", "patrol", "08:00", "22:00", 1, 2},
    {"car", "patrol;armed", "00:00", "24:00", 2, 1},
    {"car", "patrol;rescue", "00:00", "24:00", 1, 3},
    {"car", "patrol;negotiator", "00:00", "24:00", 2, 1},
    {"car", "patrol;drone", "00:00", "24:00", 1, 1},
    {"car", "patrol;hazmat;rescue", "00:00", "24:00", 1, 3},
};

const pct_town_equipment *pct_town_equipment_of(uint32_t i) {
    enum { KINDS = sizeof equipments / sizeof *equipments };
    return &equipments[i < KINDS ? i : UNITS_MIN + (i - UNITS_MIN) % (KINDS - UNITS_MIN)];
}

pct_status pct_town_write_units(const pct_town *town, uint32_t stations, uint32_t *count, pct_buffer *out,
                                pct_error *error) {
    const pct_town_place *station = town->places.items;
    *count = town->people / PEOPLE_PER_UNIT;
    if (*count < UNITS_MIN) *count = UNITS_MIN;
    (void)pct_buffer_append_text(
        out, "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n");
    for (uint32_t i = 0; i < *count && stations > 0; i++) {
        const pct_town_equipment *e = pct_town_equipment_of(i);
        uint32_t s = i % stations;
        (void)pct_buffer_append_format(out, "U%u,S%u,%.7f,%.7f,%s,%s,%d,%d,%s,%s\n",
                                       town->numbered.units + i + 1, town->numbered.stations + s + 1,
                                       pct_position_lon_deg(station[s].position),
                                       pct_position_lat_deg(station[s].position), e->kind, e->capabilities,
                                       e->officers, e->auxiliaries, e->shift_start, e->shift_end);
    }
    return pct_buffer_status(out, error);
}
