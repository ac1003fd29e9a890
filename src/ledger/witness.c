#include "ledger/witness.h"

static pct_status answered(pct_witness_answer *answer, pct_witness_answer with, pct_status status) {
    *answer = with;
    return status;
}

pct_status pct_witness_decide(const pct_witness_question *question, pct_tree_head *head,
                              pct_witness_answer *answer, pct_error *error) {
    const pct_tree_head *held = question->held;
    const pct_proof_text *asked = question->asked;
    pct_checkpoint checkpoint;
    *answer = PCT_WITNESS_UNSIGNED;
    pct_status status = pct_checkpoint_read(question->crypto, asked->note, question->log, &checkpoint, error);
    if (status) return status;
    *head = checkpoint.head;
    int64_t size = (int64_t)head->size, given = (int64_t)asked->number, seen = (int64_t)held->size;
    if (asked->number > head->size || (asked->number == 0 && asked->proof.length > 0))
        return answered(
            answer, PCT_WITNESS_SIZES,
            PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_WITNESS_SIZES, pct_int(given), pct_int(size)));
    /* Told before the proof's beginning is compared: whoever forks at this size is not asked for a better proof. */
    if (held->size > 0 && head->size == held->size && !pct_hash_equal(head->root, held->root))
        return answered(answer, PCT_WITNESS_FORK,
                        PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LEDGER_WITNESS_FORK, pct_int(size)));
    if (asked->number != held->size)
        return answered(
            answer, PCT_WITNESS_STALE,
            PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LEDGER_WITNESS_STALE, pct_int(given), pct_int(seen)));
    /* From nothing on there is nothing to prove, but a tree of no events has one root only. */
    pct_merkle none = pct_merkle_init(question->crypto);
    pct_tree_head empty = {0, pct_merkle_root(&none)};
    if (held->size == 0) held = &empty;
    if ((head->size == 0 && !pct_hash_equal(head->root, empty.root)) ||
        !pct_merkle_check_consistency(question->crypto, &asked->proof, held, head))
        return answered(
            answer, PCT_WITNESS_INCONSISTENT,
            PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LEDGER_WITNESS_INCONSISTENT, pct_int(seen), pct_int(size)));
    return answered(answer, PCT_WITNESS_COSIGN, PCT_OK);
}
