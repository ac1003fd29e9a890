/* How threads share a hierarchy: subtrees of its elimination tree do not touch each other, only what lies above them. The
 * greatest subtrees with at most 1/PARTS of the work are *parts*, and so is a row of small ones; every supernode above them, the
 * *top*, is a task by itself that waits for those below it. So the top is shared out too, but for the last separators.
 * O(nodes). */
#include "base/memory.h"
#include "road/metric_updater.h"

enum { PARTS = 48, PART_WORK_MAX = 1 << 17, WORK_OF_RANK = 4 };

typedef struct subtree {
    uint64_t own_work, work;
    uint32_t lowest, count, parent; /* of supernodes */
    uint32_t task;                  /* of the top; PCT_NO_INDEX below it */
} subtree;

static uint64_t work_of(const pct_hierarchy *h, uint32_t first_rank, uint32_t end_rank) {
    uint64_t work = 0;
    for (uint32_t r = first_rank; r < end_rank; r++) {
        uint64_t degree = h->first_up[r + 1] - h->first_up[r];
        work += WORK_OF_RANK + (degree > 0 ? degree * (degree - 1) / 2 : 0);
    }
    return work;
}

/* true when every subtree is one stretch. An index may come from another order than a postorder. */
static bool weigh(const pct_hierarchy *h, pct_metric_updater *u, subtree *trees) {
    const pct_triangles *t = &u->triangles;
    bool in_postorder = true;
    for (uint32_t s = 0; s < t->supernode_count; s++) {
        uint64_t work = work_of(h, t->first_rank[s], t->first_rank[s + 1]);
        u->work += work;
        trees[s] = (subtree){work, work, s, 1, PCT_NO_INDEX, PCT_NO_INDEX};
    }
    for (uint32_t s = 0; s < t->supernode_count; s++) {
        uint32_t above = pct_hierarchy_parent(h, t->first_rank[s + 1] - 1);
        in_postorder &= trees[s].lowest + trees[s].count == s + 1;
        if (above == PCT_NO_INDEX) continue;
        trees[s].parent = t->rank_supernode[above];
        subtree *parent = &trees[trees[s].parent];
        parent->work += trees[s].work;
        parent->count += trees[s].count;
        if (trees[s].lowest < parent->lowest) parent->lowest = trees[s].lowest;
    }
    return in_postorder;
}

static bool is_small(const subtree *trees, uint32_t s, uint64_t most) {
    return trees[s].work <= most && trees[s].lowest + trees[s].count == s + 1;
}

/* Tasks in their order; their parents are supernodes yet. Of two subtrees side by side in postorder, the parent of the second
 * lies below that of the first or is the same: a part waits for nothing wrong when it is the second's. */
static void cut(pct_metric_updater *u, subtree *trees, bool in_postorder) {
    pct_metric_plan *plan = &u->plan;
    uint64_t most = u->work / PARTS, held = 0;
    uint32_t count = u->triangles.supernode_count;
    if (most > PART_WORK_MAX) most = PART_WORK_MAX;
    for (uint32_t s = 0; s < count; s++) {
        uint32_t parent = trees[s].parent;
        if (!is_small(trees, s, most)) continue;
        if (parent != PCT_NO_INDEX && is_small(trees, parent, most)) continue; /* inside a greater one */
        pct_metric_task *before = plan->part_count > 0 ? &plan->tasks[plan->part_count - 1] : NULL;
        if (before && in_postorder && before->end == trees[s].lowest && held + trees[s].work <= most) {
            before->end = s + 1;
            before->parent = parent;
            held += trees[s].work;
        } else {
            plan->tasks[plan->part_count++] =
                (pct_metric_task){.first = trees[s].lowest, .end = s + 1, .parent = parent};
            held = trees[s].work;
        }
    }
    plan->task_count = plan->part_count;
    for (uint32_t s = 0; s < count; s++) {
        if (is_small(trees, s, most)) continue;
        trees[s].task = plan->task_count;
        plan->tasks[plan->task_count++] =
            (pct_metric_task){.first = s, .end = s + 1, .parent = trees[s].parent};
    }
}

static void join_tasks(const pct_hierarchy *h, pct_metric_updater *u, const subtree *trees) {
    const uint32_t *first_rank = u->triangles.first_rank;
    for (uint32_t i = 0; i < u->plan.task_count; i++) {
        pct_metric_task *task = &u->plan.tasks[i];
        task->first_arc = h->first_up[first_rank[task->first]];
        task->end_arc = h->first_up[first_rank[task->end]];
        for (uint32_t s = task->first; s < task->end; s++) task->work += trees[s].own_work;
        if (task->parent == PCT_NO_INDEX) continue;
        task->parent = trees[task->parent].task;
        u->plan.tasks[task->parent].children++;
    }
}

pct_status pct_metric_share_out(const pct_hierarchy *h, pct_metric_updater *u) {
    uint32_t count = u->triangles.supernode_count;
    pct_metric_plan *plan = &u->plan;
    subtree *trees = pct_alloc(count, sizeof *trees);
    plan->tasks = pct_alloc((size_t)count + 1, sizeof *plan->tasks);
    pct_status status = trees && plan->tasks ? PCT_OK : PCT_MEMORY;
    if (!status) {
        cut(u, trees, weigh(h, u, trees));
        join_tasks(h, u, trees);
        void *needed = pct_realloc(plan->tasks, (size_t)plan->task_count + 1, sizeof *plan->tasks);
        if (needed) plan->tasks = needed;
        plan->start = pct_alloc((size_t)plan->task_count + 1, sizeof *plan->start);
        status = needed && plan->start ? PCT_OK : PCT_MEMORY;
    }
    for (uint32_t i = 0; i < plan->task_count && !status; i++)
        if (plan->tasks[i].children == 0) plan->start[plan->start_count++] = i;
    pct_free(trees);
    return status;
}
