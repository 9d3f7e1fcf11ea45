/* SPDX-License-Identifier: BSD-2-Clause */
/* 64-bit division, for a target whose compiler calls for it: shift and subtract, as no other division may be used here.
 */
#include <stdint.h>

uint64_t arch_divide(uint64_t dividend, uint64_t divisor, uint64_t *ret_rest);

uint64_t arch_divide(uint64_t dividend, uint64_t divisor, uint64_t *ret_rest)
{
        uint64_t quotient = 0, rest = 0;

        for (int bit = 63; bit >= 0; bit--) {
                rest = rest << 1 | (dividend >> bit & 1);
                if (rest >= divisor) {
                        rest -= divisor;
                        quotient |= 1ull << bit;
                }
        }
        *ret_rest = rest;
        return quotient;
}
