/* Premises and public places of an area, by number of their entry: that is by name. */
#include "place/data.h"

typedef struct gathering {
    const pct_gazetteer *g;
    pct_gazetteer_see *see;
    void *context;
} gathering;

static bool visit(void *context, uint32_t spot) {
    gathering *w = context;
    if (spot >= w->g->entry_count) return true; /* a house */
    const pct_place_entry *e = &w->g->entries[spot];
    if (e->kind == PCT_PLACE_PLACE && e->dwelling == PCT_DWELLING_NO)
        w->see(w->context, &(pct_place_spot){spot, pct_gazetteer_text(w->g, e->name),
                                             pct_gazetteer_text(w->g, e->name_en),
                                             pct_gazetteer_text(w->g, e->category), e->position});
    return true;
}

void pct_gazetteer_each_place(const pct_gazetteer *g, pct_box box, pct_gazetteer_see *see, void *context) {
    gathering w = {g, see, context};
    if (pct_spot_count(g)) pct_tree_query(&g->spot_tree, box, visit, &w);
}
