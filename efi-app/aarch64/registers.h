/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers by their names, and the exception level that decides which of them count. */
#pragma once

#include <stdint.h>

#define READ_REGISTER(name)                                                                                            \
        ({                                                                                                             \
                uint64_t value_;                                                                                       \
                __asm__ volatile("mrs %0, " #name : "=r"(value_));                                                     \
                value_;                                                                                                \
        })
#define WRITE_REGISTER(name, value) __asm__ volatile("msr " #name ", %0\n\tisb" : : "r"((uint64_t)(value)) : "memory")

static inline unsigned exception_level(void)
{
        return READ_REGISTER(currentel) >> 2 & 3;
}
