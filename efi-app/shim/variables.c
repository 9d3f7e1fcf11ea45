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
 *   runtime-only     RUNTIME_ACCESS alone is taken for both accesses
 *   empty-name       a write without a name is SUCCESS
 *   read-short       a short buffer is SUCCESS, with as much as fits
 *   size-untold      a short buffer is BUFFER_TOO_SMALL, and the size stays    attributes-untold  so do the attributes
 *   new-attributes   a write with other attributes takes the variable's place
 *   all-at-runtime   a boot services variable is one of the runtime too
 *   drop-at-runtime  a write after ExitBootServices is SUCCESS, and nothing is written
 *   all-nv           a volatile variable is kept as a non-volatile one
 *   list-repeats     the last name comes again and again
 *   list-omits       the suite's never come
 *   list-untold      a short buffer for a name is BUFFER_TOO_SMALL, and the size stays
 *   list-overruns    a short buffer for a name is overrun
 *   room-none        QueryVariableInfo is SUCCESS with zeros         room-constant   its answers stay
 *   limit-low        it tells half of the largest size               limit-high      or twice of it
 *   replace-appended an append replaces                              drop-appended   or is not made at all
 *   stale-option     Boot0F0F leads to a partition that no disk has
 *   torn-value       the end of VmspecKilled was never written
 *   takes-unsigned   an authenticated write needs no signature
 *   never-reclaims   after some deletions nothing non-volatile can be written
 *   full-odd         a full store says DEVICE_ERROR                  full-eats       or loses VmspecKept
 *   full-stops       the machine turns itself off where VmspecFill000 is there
 *   refuse-nv        a non-volatile write is WRITE_PROTECTED
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
        RUNTIME_ONLY,
        EMPTY_NAME,
        READ_SHORT,
        SIZE_UNTOLD,
        ATTRIBUTES_UNTOLD,
        NEW_ATTRIBUTES,
        ALL_AT_RUNTIME,
        DROP_AT_RUNTIME,
        ALL_NV,
        LIST_REPEATS,
        LIST_OMITS,
        LIST_UNTOLD,
        LIST_OVERRUNS,
        ROOM_NONE,
        ROOM_CONSTANT,
        REPLACE_APPENDED,
        DROP_APPENDED,
        STALE_OPTION,
        TORN_VALUE,
        TAKES_UNSIGNED,
        NEVER_RECLAIMS,
        FULL_ODD,
        FULL_EATS,
        FULL_STOPS,
        LIMIT_LOW,
        LIMIT_HIGH,
        REFUSE_NV,
        HABITS,
        VALUE_MAX = 256,
        NAME_MAX = 64,
        TORN = 40,
        DELETIONS = 2,
};

static bool habit[HABITS];
static uint64_t nonce;
static bool at_runtime;
static EFI_GET_VARIABLE get;
static EFI_SET_VARIABLE set;
static EFI_GET_NEXT_VARIABLE_NAME next;
static EFI_QUERY_VARIABLE_INFO query;
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

static bool name_is(const CHAR16 *name, const CHAR16 *other)
{
        size_t i = 0;

        while (i < NAME_MAX && other[i] && other[i] == name[i])
                i++;
        return i && i < NAME_MAX && other[i] == name[i];
}

static bool is_cached(const CHAR16 *name)
{
        return name_is(name, cache.name);
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

/* The answer BUFFER_TOO_SMALL, as it should not be; room is what the caller had. */
static EFI_STATUS short_get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN room, UINTN *size, void *data)
{
        static uint8_t whole[VALUE_MAX];
        UINTN length = sizeof(whole);

        if (habit[ATTRIBUTES_UNTOLD] && attributes)
                *attributes = 0;
        if (habit[SIZE_UNTOLD])
                *size = room;
        if (!habit[READ_SHORT] || EFI_ERROR(get(name, vendor, attributes, &length, whole)))
                return EFI_BUFFER_TOO_SMALL;
        *size = room;
        if (data)
                memcpy(data, whole, room);
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI hooked_get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN *size, void *data)
{
        UINTN room = *size;
        EFI_STATUS status;

        if (at_runtime && is_suite(vendor) && is_cached(name))
                return value_give(cache.value, cache.size, size, data);
        status = get(name, vendor, attributes, size, data);
        if (status == EFI_SUCCESS && habit[TORN_VALUE] && *size > TORN && name_is(name, L"VmspecKilled"))
                memset((uint8_t *)data + *size - TORN, 0xff, TORN);
        if (status == EFI_BUFFER_TOO_SMALL && is_suite(vendor))
                return short_get(name, vendor, attributes, room, size, data);
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

/* Whether the write is called a SUCCESS and not made. */
static bool is_dropped(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN size)
{
        return habit[DROP_WRITES] || (size == 0 && habit[DROP_DELETES]) || (at_runtime && habit[DROP_AT_RUNTIME]) ||
               (habit[EMPTY_NAME] && !name[0]) || (size && habit[DROP_OVERWRITES] && is_there(name, vendor)) ||
               (habit[DROP_APPENDED] && attributes & EFI_VARIABLE_APPEND_WRITE);
}

static UINT32 attributes_altered(UINT32 attributes)
{
        UINT32 accesses = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;

        if (habit[NO_NV])
                attributes &= ~(UINT32)EFI_VARIABLE_NON_VOLATILE;
        if (habit[ALL_NV] && attributes)
                attributes |= EFI_VARIABLE_NON_VOLATILE;
        if (habit[TAKES_UNSIGNED])
                attributes &= ~(UINT32)EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS;
        if (habit[REPLACE_APPENDED])
                attributes &= ~(UINT32)EFI_VARIABLE_APPEND_WRITE;
        if ((habit[RUNTIME_ONLY] && attributes & EFI_VARIABLE_RUNTIME_ACCESS) ||
            (habit[ALL_AT_RUNTIME] && attributes & EFI_VARIABLE_BOOTSERVICE_ACCESS))
                attributes |= accesses;
        return attributes;
}

/* Removes a variable that has other attributes, so that a write can put another in its place. */
static void make_way(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes)
{
        UINTN none = 0;
        UINT32 now = 0;

        if (get(name, vendor, &now, &none, NULL) == EFI_BUFFER_TOO_SMALL &&
            now != (attributes & ~(UINT32)EFI_VARIABLE_APPEND_WRITE))
                (void)set(name, vendor, 0, 0, NULL);
}

/* The store's own habits: what it refuses, and what it does where it is full. */
static EFI_STATUS store_set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN size, void *data)
{
        static unsigned deletions;
        UINT32 now = 0;
        UINTN none = 0;
        EFI_STATUS status;

        if (attributes & EFI_VARIABLE_NON_VOLATILE && habit[REFUSE_NV])
                return EFI_WRITE_PROTECTED;
        if (attributes & EFI_VARIABLE_NON_VOLATILE && habit[NEVER_RECLAIMS] && deletions >= DELETIONS)
                return EFI_OUT_OF_RESOURCES;
        if (!size && get(name, vendor, &now, &none, NULL) == EFI_BUFFER_TOO_SMALL && now & EFI_VARIABLE_NON_VOLATILE)
                deletions++;
        status = set(name, vendor, attributes, size, data);
        if (status == EFI_OUT_OF_RESOURCES && habit[FULL_EATS])
                (void)set(L"VmspecKept", vendor, 0, 0, NULL);
        return status == EFI_OUT_OF_RESOURCES && habit[FULL_ODD] ? EFI_DEVICE_ERROR : status;
}

static EFI_STATUS EFIAPI hooked_set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN size, void *data)
{
        uint8_t altered[VALUE_MAX];

        if (!is_suite(vendor))
                return set(name, vendor, attributes, size, data);
        if (is_dropped(name, vendor, attributes, size))
                return EFI_SUCCESS;
        if (habit[CACHE_AT_RUNTIME] && at_runtime)
                return cache_put(name, size, data);
        attributes = attributes_altered(attributes);
        if (habit[NEW_ATTRIBUTES] && size)
                make_way(name, vendor, attributes);
        if (!habit[ALTER_VALUE] || size == 0 || size > sizeof(altered))
                return store_set(name, vendor, attributes, size, data);
        memcpy(altered, data, size);
        altered[0] ^= 1;
        return set(name, vendor, attributes, size, altered);
}

static EFI_STATUS EFIAPI hooked_next(UINTN *size, CHAR16 *name, EFI_GUID *vendor)
{
        UINTN room = *size;
        EFI_STATUS status = next(size, name, vendor);

        while (status == EFI_SUCCESS && habit[LIST_OMITS] && is_suite(vendor)) {
                *size = room;
                status = next(size, name, vendor);
        }
        if (status == EFI_NOT_FOUND && habit[LIST_REPEATS])
                return EFI_SUCCESS;
        if (status != EFI_BUFFER_TOO_SMALL)
                return status;
        if (habit[LIST_OVERRUNS])
                return next(size, name, vendor);
        if (habit[LIST_UNTOLD])
                *size = room;
        return status;
}

static EFI_STATUS EFIAPI hooked_query(UINT32 attributes, UINT64 *most, UINT64 *left, UINT64 *single)
{
        static UINT64 first[3];
        EFI_STATUS status = query(attributes, most, left, single);

        if (!EFI_ERROR(status) && habit[LIMIT_LOW])
                *single /= 2;
        if (!EFI_ERROR(status) && habit[LIMIT_HIGH])
                *single *= 2;
        if (EFI_ERROR(status) || (!habit[ROOM_NONE] && !habit[ROOM_CONSTANT]))
                return status;
        if (habit[ROOM_CONSTANT] && !first[0]) {
                first[0] = *most;
                first[1] = *left;
                first[2] = *single;
        }
        *most = first[0];
        *left = first[1];
        *single = first[2];
        return status;
}

/* An EFI_LOAD_OPTION: active, "gone", the path of a partition by a signature that the suite's GUID stands for. */
static EFI_STATUS option_write(void)
{
        static EFI_GUID global = {0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}};
        enum { PATH = 16, NODE = 42, ENTIRE = PATH + NODE + 4 };
        uint8_t option[ENTIRE] = {1, 0, 0, 0, NODE + 4, 0, 'g', 0, 'o', 0, 'n', 0, 'e', 0, 0, 0, 4, 1, NODE, 0, 1};

        memcpy(option + PATH + 24, wire_variable_guid, sizeof(wire_variable_guid));
        option[PATH + 40] = 2;
        option[PATH + 41] = 2;
        option[PATH + NODE] = 0x7f;
        option[PATH + NODE + 1] = 0xff;
        option[PATH + NODE + 2] = 4;
        return set(L"Boot0F0F", &global,
                   EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS, ENTIRE,
                   option);
}

static EFI_STATUS EFIAPI hooked_exit(EFI_HANDLE image, UINTN key)
{
        EFI_STATUS status = exit_boot_services(image, key);

        at_runtime |= !EFI_ERROR(status);
        return status;
}

static void services_hook(struct shim *shim)
{
        get = shim->rt->GetVariable;
        set = shim->rt->SetVariable;
        next = shim->rt->GetNextVariableName;
        query = shim->rt->QueryVariableInfo;
        exit_boot_services = shim->bs->ExitBootServices;
        shim->rt->GetVariable = hooked_get;
        shim->rt->SetVariable = hooked_set;
        shim->rt->GetNextVariableName = hooked_next;
        shim->rt->QueryVariableInfo = hooked_query;
        shim->bs->ExitBootServices = hooked_exit;
        table_sign(&shim->rt->Hdr);
        table_sign(&shim->bs->Hdr);
}

EFI_STATUS variable_defect(struct shim *shim, struct words *words)
{
        static const char *const names[HABITS] = {
                "ignore-guid",     "drop-deletes",     "drop-overwrites",   "drop-writes",      "no-nv",
                "alter-value",     "cache-at-runtime", "answer-always",     "runtime-only",     "empty-name",
                "read-short",      "size-untold",      "attributes-untold", "new-attributes",   "all-at-runtime",
                "drop-at-runtime", "all-nv",           "list-repeats",      "list-omits",       "list-untold",
                "list-overruns",   "room-none",        "room-constant",     "replace-appended", "drop-appended",
                "stale-option",    "torn-value",       "takes-unsigned",    "never-reclaims",   "full-odd",
                "full-eats",       "full-stops",       "limit-low",         "limit-high",       "refuse-nv",
        };
        size_t which = word_which(words, names, HABITS);

        if (which == HABITS)
                return EFI_INVALID_PARAMETER;
        habit[which] = true;
        nonce = shim->plan.nonce;
        if (!get)
                services_hook(shim);
        if (which == FULL_STOPS && is_there(L"VmspecFill000", suite_guid()))
                shim->rt->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
        return which == STALE_OPTION ? option_write() : EFI_SUCCESS;
}
