/* Vectors of 256 bits (AVX2), where the compiler knows them: PCT_WIDE marks a function that uses them, which is called only when the
 * processor has them. Elsewhere PCT_HAS_WIDE is 0, and plain code beside it gives the same results. */
#ifndef PCT_BASE_WIDE_H
#define PCT_BASE_WIDE_H

#if defined __x86_64__
#include <immintrin.h>
#define PCT_HAS_WIDE 1
#define PCT_WIDE     __attribute__((target("avx2,popcnt")))
#else
#define PCT_HAS_WIDE 0
#define PCT_WIDE
#endif

#define PCT_ALWAYS_INLINE static inline __attribute__((always_inline))

#endif
