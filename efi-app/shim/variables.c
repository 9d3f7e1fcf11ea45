/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The variable services answer as a broken firmware would, before and after ExitBootServices:
 *
 *   ignore-guid      a variable of the suite is found under any vendor
 *   drop-deletes     a deletion is SUCCESS, and the variable stays
 *   drop-overwrites  a second write is SUCCESS, and the first value stays
 *   drop-writes      every write of the suite is SUCCESS, and nothing is written
 *   no-nv            a non-volatile variable is kept as a volatile one
 *   alter-value      what is written has its first bit inverted
 *   cache-at-runtime what is written after ExitBootServices is kept in memory alone
 *   answer-always    a variable of the suite that is not there is found, with the run's nonce as its value
 */
#include "shim.h"

#include <string.h>

enum habit {
        IGNORE_GUID,
        DROP_DELETES,
        DROP_OVERWRITES,
        DROP_WRITES,
        NO_NV,
        ALTER_VALUE,
        CACHE_AT_RUNTIME,
        ANSWER_ALWAYS,
        HABITS,
        VALUE_MAX = 256,
        NAME_MAX = 64,
};

static bool habit[HABITS];
static uint64_t nonce;
static bool at_runtime;
static EFI_GET_VARIABLE get;
static EFI_SET_VARIABLE set;
static EFI_EXIT_BOOT_SERVICES exit_boot_services;
static struct {
        CHAR16 name[NAME_MAX];
        UINTN size;
        uint8_t value[VALUE_MAX];
} cache;

static EFI_GUID *suite_guid(void)
{
        return (EFI_GUID *)(uintptr_t)wire_variable_guid;
}

static bool is_suite(const EFI_GUID *vendor)
{
        return memcmp(vendor, wire_variable_guid, sizeof(wire_variable_guid)) == 0;
}

static bool is_cached(const CHAR16 *name)
{
        size_t i = 0;

        while (i < NAME_MAX && cache.name[i] && cache.name[i] == name[i])
                i++;
        return i && i < NAME_MAX && cache.name[i] == name[i];
}

static EFI_STATUS value_give(const void *value, UINTN size, UINTN *room, void *to)
{
        UINTN had = *room;

        *room = size;
        if (had < size)
                return EFI_BUFFER_TOO_SMALL;
        memcpy(to, value, size);
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI hooked_get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN *size, void *data)
{
        UINTN room = *size;
        EFI_STATUS status;

        if (at_runtime && is_suite(vendor) && is_cached(name))
                return value_give(cache.value, cache.size, size, data);
        status = get(name, vendor, attributes, size, data);
        if (status != EFI_NOT_FOUND)
                return status;
        *size = room;
        if (habit[IGNORE_GUID])
                return get(name, suite_guid(), attributes, size, data);
        if (habit[ANSWER_ALWAYS] && is_suite(vendor))
                return value_give(&nonce, sizeof(nonce), size, data);
        return status;
}

static bool is_there(CHAR16 *name, EFI_GUID *vendor)
{
        UINTN none = 0;

        return get(name, vendor, NULL, &none, NULL) == EFI_BUFFER_TOO_SMALL;
}

static EFI_STATUS cache_put(const CHAR16 *name, UINTN size, const void *data)
{
        size_t i = 0;

        for (; name[i] && i + 1 < NAME_MAX; i++)
                cache.name[i] = name[i];
        cache.name[i] = 0;
        cache.size = size < VALUE_MAX ? size : VALUE_MAX;
        memcpy(cache.value, data, cache.size);
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI hooked_set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN size, void *data)
{
        uint8_t altered[VALUE_MAX];

        if (!is_suite(vendor))
                return set(name, vendor, attributes, size, data);
        if (habit[DROP_WRITES] || (size == 0 && habit[DROP_DELETES]) ||
            (size && habit[DROP_OVERWRITES] && is_there(name, vendor)))
                return EFI_SUCCESS;
        if (habit[CACHE_AT_RUNTIME] && at_runtime)
                return cache_put(name, size, data);
        if (habit[NO_NV])
                attributes &= ~(UINT32)EFI_VARIABLE_NON_VOLATILE;
        if (!habit[ALTER_VALUE] || size == 0 || size > sizeof(altered))
                return set(name, vendor, attributes, size, data);
        memcpy(altered, data, size);
        altered[0] ^= 1;
        return set(name, vendor, attributes, size, altered);
}

static EFI_STATUS EFIAPI hooked_exit(EFI_HANDLE image, UINTN key)
{
        EFI_STATUS status = exit_boot_services(image, key);

        at_runtime |= !EFI_ERROR(status);
        return status;
}

EFI_STATUS variable_defect(struct shim *shim, struct words *words)
{
        static const char *const names[HABITS] = {"ignore-guid", "drop-deletes", "drop-overwrites",  "drop-writes",
                                                  "no-nv",       "alter-value",  "cache-at-runtime", "answer-always"};
        struct word word = word_next(words);
        unsigned which = 0;

        while (which < HABITS && strcmp(names[which], word.text) != 0)
                which++;
        if (which == HABITS)
                return EFI_INVALID_PARAMETER;
        habit[which] = true;
        nonce = shim->plan.nonce;
        if (get)
                return EFI_SUCCESS;
        get = shim->rt->GetVariable;
        set = shim->rt->SetVariable;
        exit_boot_services = shim->bs->ExitBootServices;
        shim->rt->GetVariable = hooked_get;
        shim->rt->SetVariable = hooked_set;
        shim->bs->ExitBootServices = hooked_exit;
        table_sign(&shim->rt->Hdr);
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}
