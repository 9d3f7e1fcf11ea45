/* SPDX-License-Identifier: BSD-2-Clause */
/* What gnu-efi's headers ask of an architecture, for the two Arm ones, whose headers no amd64 package carries. */
#pragma once

#include <stdint.h>

typedef uint64_t UINT64;
typedef int64_t INT64;
typedef uint32_t UINT32;
typedef int32_t INT32;
typedef uint16_t UINT16;
typedef int16_t INT16;
typedef uint8_t UINT8;
typedef int8_t INT8;
typedef __WCHAR_TYPE__ WCHAR;
typedef uintptr_t UINTN;
typedef intptr_t INTN;

#undef VOID
#define VOID void

#if UINTPTR_MAX > UINT32_MAX
#define EFI_ERROR_MASK 0x8000000000000000
#else
#define EFI_ERROR_MASK 0x80000000
#endif
#define EFIERR(code) (EFI_ERROR_MASK | (code))
#define EFIERR_OEM(code) (EFI_ERROR_MASK >> 1 | EFI_ERROR_MASK | (code))

#define EFIAPI
#define BOOTSERVICE
#define RUNTIMESERVICE
#define RUNTIMEFUNCTION
#define VOLATILE volatile
#define INTERFACE_DECL(x) struct x
