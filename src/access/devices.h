/* Devices that report positions, each bound to a unit. The protocol knows no password: a device's id is its secret, long
 * and random, and only its hash is kept (accounts.db).
 *
 * The file may be changed by another program (`precinct device`) at any time. A look-up costs no SQL: all devices stand in
 * memory, and are read again after a change of the file, which is asked for once a second, and at once when an id is not
 * known. So a removed device is refused a second later at the latest, and a new one is taken at once.
 *
 * All functions may be called by any thread. Find: O(log devices), no file, except for one caller a second. Memory: about
 * 120 bytes a device. Close accepts NULL. */
#ifndef PCT_ACCESS_DEVICES_H
#define PCT_ACCESS_DEVICES_H

#include "base/status.h"

enum { PCT_DEVICE_ID_MIN = 8, PCT_DEVICE_ID_MAX = 64, PCT_DEVICE_UNIT_MAX = 64, PCT_DEVICE_ID_MADE = 21 };

/* In what a device tells its speed: programmes of the same protocol do not agree. */
typedef enum pct_speed_unit {
    PCT_SPEED_KNOTS,
    PCT_SPEED_MPS,
    PCT_SPEED_KMH,
    PCT_SPEED_UNIT_COUNT
} pct_speed_unit;
extern const char *const pct_speed_unit_names[PCT_SPEED_UNIT_COUNT];

typedef struct pct_device {
    char unit[PCT_DEVICE_UNIT_MAX + 1]; /* name of the unit */
    pct_speed_unit speed;
    int64_t unit_seq; /* number of the unit's id, when somebody has told it (pct_devices_learn); else 0 */
} pct_device;

typedef struct pct_devices pct_devices;

pct_status pct_devices_open(const char *site_folder, pct_devices **out, pct_error *error) PCT_MUST_USE;
void pct_devices_close(pct_devices *devices);
/* PCT_INPUT for an id or a unit's name that is too short or long, PCT_REFUSED for an id that is bound already. */
pct_status pct_devices_add(pct_devices *devices, pct_text id, const pct_device *device, int64_t now_ms,
                           pct_error *error) PCT_MUST_USE;
/* All devices of a unit: who has lost one does not know its id. *removed: how many there were. */
pct_status pct_devices_remove(pct_devices *devices, pct_text unit, int64_t *removed,
                              pct_error *error) PCT_MUST_USE;
/* Reads the file again when another program has changed it. PCT_BUSY while one writes: what was seen holds. */
pct_status pct_devices_refresh(pct_devices *devices, pct_error *error) PCT_MUST_USE;
/* What a unit's name stands for; forgotten when the file changes. O(devices). */
void pct_devices_learn(pct_devices *devices, const char *unit, int64_t unit_seq);
/* PCT_NOT_FOUND for an unknown one. */
pct_status pct_devices_find(pct_devices *devices, pct_text id, pct_device *out,
                            pct_error *error) PCT_MUST_USE;
pct_status pct_devices_list(pct_devices *devices,
                            void (*take)(void *context, const pct_device *device, int64_t added_at_ms),
                            void *context, pct_error *error) PCT_MUST_USE;

#endif
