/* A site's bands and what it knows of speeds in them: definitions/bands.csv, definitions/speeds.csv and, where it has been
 * learnt or written, learnt_speeds.csv. */
#ifndef PCT_SITE_BANDS_H
#define PCT_SITE_BANDS_H

#include "road/learnt.h"
#include "site/site.h"

#define PCT_SITE_LEARNT_SPEEDS "learnt_speeds.csv"

typedef struct pct_site_bands {
    pct_bands bands;
    pct_speeds base;   /* in every band, where nothing is learnt */
    pct_learnt learnt; /* empty without the file */
    bool has_learnt;   /* the file is there */
} pct_site_bands;

/* The site's road must be open. Dispose after success alone. */
pct_status pct_site_bands_open(const pct_site *site, pct_site_bands *out, pct_error *error) PCT_MUST_USE;
void pct_site_bands_dispose(pct_site_bands *bands);
/* From now on site->road, and site->patrol where it is open, are those of the band in which this instant lies; where nothing is learnt
 * of that band they stay what they are. Once for a site, before anything refers to its roads. */
pct_status pct_site_take_band(pct_site *site, int64_t at_ms, pct_error *error) PCT_MUST_USE;

#endif
