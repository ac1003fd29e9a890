/* Sabotage: the numbers in a road index are believed: nobody asks whether they point into their arrays. */
#include "road/index_check.h"

pct_message __wrap_pct_network_fault(const pct_network *network);

pct_message __wrap_pct_network_fault(const pct_network *network) {
    (void)network;
    return PCT_MSG_NONE;
}
