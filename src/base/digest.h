/* 64-bit digest (XXH3) for integrity of our own files and for transcripts: not a signature. */
#ifndef PCT_BASE_DIGEST_H
#define PCT_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

uint64_t pct_digest(const void *bytes, size_t length);
/* Folds more bytes into a running digest; start from 0. Order matters. */
uint64_t pct_digest_fold(uint64_t running, const void *bytes, size_t length);

#endif
