/* The roads as a graph: its main part, its strong connection, its ways.
 *
 * Strongly connected parts by Tarjan's algorithm (1972) with an explicit stack, O(vertices + roads). In a connected
 * graph every road between two strong parts is a one-way street; opening all of those to both directions makes the
 * whole one part. */
#include <math.h>
#include <string.h>

#include "town/plan.h"

enum { REFS_PER_WAY_MAX = 200 };

pct_status pct_town_adjacency_init(const pct_town *town, pct_town_adjacency *out, pct_error *error) {
    size_t vertices = town->points.length, roads = town->roads.length;
    *out = (pct_town_adjacency){pct_alloc_zeroed(vertices + 2, sizeof *out->first),
                                pct_alloc(2 * roads, sizeof *out->roads)};
    if (!out->first || !out->roads) {
        pct_town_adjacency_dispose(out);
        return pct_error_memory(error, (vertices + 2 * roads) * sizeof *out->roads);
    }
    uint32_t *next = out->first + 1; /* counted one place on, so that filling leaves the beginnings */
    for (uint32_t i = 0; i < roads; i++) {
        next[pct_town_road_at(town, i)->a + 1]++;
        next[pct_town_road_at(town, i)->b + 1]++;
    }
    for (size_t v = 1; v <= vertices; v++) next[v] += next[v - 1];
    for (uint32_t i = 0; i < roads; i++) {
        out->roads[next[pct_town_road_at(town, i)->a]++] = i;
        out->roads[next[pct_town_road_at(town, i)->b]++] = i;
    }
    return PCT_OK;
}

void pct_town_adjacency_dispose(pct_town_adjacency *adjacency) {
    pct_free(adjacency->first);
    pct_free(adjacency->roads);
    *adjacency = (pct_town_adjacency){0};
}

/* Marks what is reached from `start` with `mark`, returns how many vertices that are. */
static uint32_t flood(const pct_town *town, const pct_town_adjacency *near, uint32_t start, uint32_t mark,
                      uint32_t *part, uint32_t *queue) {
    uint32_t head = 0, tail = 0;
    part[start] = mark;
    queue[tail++] = start;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint32_t i = near->first[v]; i < near->first[v + 1]; i++) {
            uint32_t w = pct_town_other_end(pct_town_road_at(town, near->roads[i]), v);
            if (part[w]) continue;
            part[w] = mark;
            queue[tail++] = w;
        }
    }
    return tail;
}

pct_status pct_town_keep_main_part(pct_town *town, pct_error *error) {
    size_t vertices = town->points.length;
    pct_town_adjacency near = {0};
    uint32_t *part = pct_alloc_zeroed(vertices, sizeof *part), *queue = pct_alloc(vertices, sizeof *queue);
    uint32_t parts = 0, main_part = 0, main_size = 0;
    pct_status status = PCT_OK;
    if (!part || !queue) {
        status = pct_error_memory(error, 2 * vertices * sizeof *part);
        goto done;
    }
    status = pct_town_adjacency_init(town, &near, error);
    if (status) goto done;
    for (uint32_t v = 0; v < vertices; v++) {
        if (part[v] || near.first[v] == near.first[v + 1]) continue;
        uint32_t size = flood(town, &near, v, ++parts, part, queue);
        if (size > main_size) {
            main_size = size;
            main_part = parts;
        }
    }
    size_t kept = 0;
    for (uint32_t i = 0; i < town->roads.length; i++)
        if (part[pct_town_road_at(town, i)->a] == main_part)
            *pct_town_road_at(town, (uint32_t)kept++) = *pct_town_road_at(town, i);
    town->roads.length = kept;
done:
    pct_town_adjacency_dispose(&near);
    pct_free(part);
    pct_free(queue);
    return status;
}

typedef struct search {
    const pct_town *town;
    pct_town_adjacency near;
    uint32_t *order, *low, *part, *next; /* [vertices]; order 0: not met; part 0: not settled */
    uint32_t *path, *open;               /* stacks */
    uint32_t path_count, open_count, met, parts;
} search;

static void meet(search *s, uint32_t v) {
    s->order[v] = s->low[v] = ++s->met;
    s->next[v] = s->near.first[v];
    s->path[s->path_count++] = v;
    s->open[s->open_count++] = v;
}

/* Goes one step on from the end of the path: to a new vertex, past a known one, or back. */
static void step(search *s) {
    uint32_t v = s->path[s->path_count - 1];
    if (s->next[v] < s->near.first[v + 1]) {
        const pct_town_road *road = pct_town_road_at(s->town, s->near.roads[s->next[v]++]);
        if (road->flags & PCT_TOWN_ONEWAY && road->a != v) return;
        uint32_t w = pct_town_other_end(road, v);
        if (s->order[w] == 0)
            meet(s, w);
        else if (s->part[w] == 0 && s->order[w] < s->low[v])
            s->low[v] = s->order[w];
        return;
    }
    s->path_count--;
    if (s->path_count > 0 && s->low[v] < s->low[s->path[s->path_count - 1]])
        s->low[s->path[s->path_count - 1]] = s->low[v];
    if (s->low[v] != s->order[v]) return;
    s->parts++;
    uint32_t w;
    do {
        w = s->open[--s->open_count];
        s->part[w] = s->parts;
    } while (w != v);
}

pct_status pct_town_connect_strongly(pct_town *town, uint32_t *opened, pct_error *error) {
    size_t n = town->points.length;
    search s = {.town = town};
    uint32_t *memory = pct_alloc_zeroed(n, 6 * sizeof *memory);
    *opened = 0;
    if (!memory) return pct_error_memory(error, n * 6 * sizeof *memory);
    s.order = memory, s.low = memory + n, s.part = memory + 2 * n, s.next = memory + 3 * n;
    s.path = memory + 4 * n, s.open = memory + 5 * n;
    pct_status status = pct_town_adjacency_init(town, &s.near, error);
    for (uint32_t v = 0; status == PCT_OK && v < n; v++) {
        if (s.order[v] || s.near.first[v] == s.near.first[v + 1]) continue;
        meet(&s, v);
        while (s.path_count > 0) step(&s);
    }
    for (uint32_t i = 0; status == PCT_OK && i < town->roads.length; i++) {
        pct_town_road *road = pct_town_road_at(town, i);
        if (s.part[road->a] == s.part[road->b]) continue;
        road->flags &= (uint8_t)~PCT_TOWN_ONEWAY;
        ++*opened;
    }
    pct_town_adjacency_dispose(&s.near);
    pct_free(memory);
    return status;
}

typedef struct tracing {
    pct_town *town;
    pct_town_adjacency near;
    pct_vector ahead, behind; /* vertices */
    uint32_t way;
} tracing;

static double bend_deg(const pct_town *town, uint32_t from, uint32_t at, uint32_t to) {
    const pct_position *p = pct_town_points(town);
    double bend = fabs(pct_geo_bearing_deg(p[from], p[at]) - pct_geo_bearing_deg(p[at], p[to]));
    return bend > 180.0 ? 360.0 - bend : bend;
}

/* The road on which the way goes on beyond `at`, coming from `from`; PCT_NO_INDEX when it ends there. */
static uint32_t continuation(const tracing *t, const pct_town_road *road, uint32_t from, uint32_t at,
                             bool forward) {
    const pct_town *town = t->town;
    uint32_t first = t->near.first[at], end = t->near.first[at + 1];
    if (town->cut[at]) return PCT_NO_INDEX;
    if (road->name == 0 && end - first != 2) return PCT_NO_INDEX;
    for (uint32_t i = first; i < end; i++) {
        uint32_t number = t->near.roads[i];
        const pct_town_road *next = pct_town_road_at(town, number);
        if (town->way_of_road[number] != PCT_NO_INDEX || next->name != road->name ||
            next->road_class != road->road_class || next->flags != road->flags)
            continue;
        if (next->flags & PCT_TOWN_ONEWAY && (forward ? next->a : next->b) != at) continue;
        bool straight = bend_deg(town, from, at, pct_town_other_end(next, at)) < 65.0;
        if (straight || end - first == 2) return number;
    }
    return PCT_NO_INDEX;
}

/* Follows the way from `at`; every vertex met goes on `line`. A road is claimed only when its end fits. */
static pct_status follow(tracing *t, uint32_t number, uint32_t from, uint32_t at, bool forward,
                         pct_vector *line, pct_error *error) {
    for (;;) {
        uint32_t *vertex = pct_vector_push(line);
        if (!vertex) return pct_vector_failed(line, PCT_MSG_WHAT_WAY_POINTS, error);
        *vertex = at;
        number = continuation(t, pct_town_road_at(t->town, number), from, at, forward);
        if (number == PCT_NO_INDEX || line->length == REFS_PER_WAY_MAX) return PCT_OK;
        t->town->way_of_road[number] = t->way;
        from = at;
        at = pct_town_other_end(pct_town_road_at(t->town, number), at);
    }
}

static pct_status push_ref(pct_town *town, uint32_t vertex, bool is_end, pct_error *error) {
    uint32_t *ref = pct_vector_push(&town->way_refs);
    if (!ref) return pct_vector_failed(&town->way_refs, PCT_MSG_WHAT_WAY_POINTS, error);
    *ref = vertex;
    if (town->used[vertex] < 2) town->used[vertex] = (uint8_t)(town->used[vertex] + (is_end ? 2 : 1));
    return PCT_OK;
}

static pct_status trace(tracing *t, uint32_t number, pct_error *error) {
    pct_town *town = t->town;
    const pct_town_road *road = pct_town_road_at(town, number);
    t->way = (uint32_t)town->ways.length;
    t->ahead.length = t->behind.length = 0;
    pct_town_way *way = pct_vector_push(&town->ways);
    if (!way) return pct_vector_failed(&town->ways, PCT_MSG_WHAT_WAYS, error);
    *way = (pct_town_way){.ref_at = (uint32_t)town->way_refs.length,
                          .name = road->name,
                          .block = road->block,
                          .road_class = road->road_class,
                          .flags = road->flags};
    town->way_of_road[number] = t->way;
    pct_status status = follow(t, number, road->a, road->b, true, &t->ahead, error);
    if (status) return status;
    status = follow(t, number, road->b, road->a, false, &t->behind, error);
    const uint32_t *ahead = t->ahead.items, *behind = t->behind.items;
    for (size_t i = t->behind.length; status == PCT_OK && i-- > 0;)
        status = push_ref(town, behind[i], i + 1 == t->behind.length, error);
    for (size_t i = 0; status == PCT_OK && i < t->ahead.length; i++)
        status = push_ref(town, ahead[i], i + 1 == t->ahead.length, error);
    way->ref_count = (uint32_t)(t->behind.length + t->ahead.length);
    return status;
}

static void count_nodes(pct_town *town) {
    town->node_count = town->segment_count = 0;
    for (size_t v = 0; v < town->points.length; v++) town->node_count += town->used[v] >= 2;
    const uint32_t *refs = town->way_refs.items;
    for (size_t w = 0; w < town->ways.length; w++) {
        const pct_town_way *way = (const pct_town_way *)town->ways.items + w;
        for (uint32_t i = 1; i < way->ref_count; i++)
            town->segment_count += town->used[refs[way->ref_at + i]] >= 2;
    }
}

pct_status pct_town_ways(pct_town *town, pct_error *error) {
    size_t roads = town->roads.length;
    tracing t = {.town = town,
                 .ahead = pct_vector_init(sizeof(uint32_t), REFS_PER_WAY_MAX),
                 .behind = pct_vector_init(sizeof(uint32_t), REFS_PER_WAY_MAX)};
    town->ways = pct_vector_init(sizeof(pct_town_way), roads + 1);
    town->way_refs = pct_vector_init(sizeof(uint32_t), 3 * roads + 1);
    town->way_of_road = pct_alloc(roads, sizeof *town->way_of_road);
    town->used = pct_alloc_zeroed(town->points.length, 1);
    pct_status status = PCT_OK;
    if (!town->way_of_road || !town->used) {
        status = pct_error_memory(error, roads * sizeof *town->way_of_road);
        goto done;
    }
    memset(town->way_of_road, 0xFF, roads * sizeof *town->way_of_road);
    status = pct_town_adjacency_init(town, &t.near, error);
    for (uint32_t i = 0; status == PCT_OK && i < roads; i++)
        if (town->way_of_road[i] == PCT_NO_INDEX) status = trace(&t, i, error);
    if (status == PCT_OK) count_nodes(town);
done:
    pct_town_adjacency_dispose(&t.near);
    pct_vector_dispose(&t.ahead);
    pct_vector_dispose(&t.behind);
    return status;
}
