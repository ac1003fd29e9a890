#include "resource/probe.h"

bool pct_probe_is_late(const pct_probe *probe) {
    (void)probe;
    return false;
}
