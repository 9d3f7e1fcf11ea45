/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers by their coprocessor numbers. */
#pragma once

#include <stdint.h>

#define READ_CP15(op1, crn, crm, op2)                                                                                  \
        ({                                                                                                             \
                uint32_t value_;                                                                                       \
                __asm__ volatile("mrc p15, " #op1 ", %0, c" #crn ", c" #crm ", " #op2 : "=r"(value_));                 \
                value_;                                                                                                \
        })
#define WRITE_CP15(op1, crn, crm, op2, value)                                                                          \
        __asm__ volatile("mcr p15, " #op1 ", %0, c" #crn ", c" #crm ", " #op2 "\n\tisb"                                \
                         :                                                                                             \
                         : "r"((uint32_t)(value))                                                                      \
                         : "memory")
#define READ_CP15_64(op1, crm)                                                                                         \
        ({                                                                                                             \
                uint32_t low_, high_;                                                                                  \
                __asm__ volatile("mrrc p15, " #op1 ", %0, %1, c" #crm : "=r"(low_), "=r"(high_));                      \
                low_ | (uint64_t)high_ << 32;                                                                          \
        })
#define WRITE_CP15_64(op1, crm, value)                                                                                 \
        __asm__ volatile("mcrr p15, " #op1 ", %0, %1, c" #crm "\n\tisb"                                                \
                         :                                                                                             \
                         : "r"((uint32_t)(value)), "r"((uint32_t)((value) >> 32))                                      \
                         : "memory")
