/* SPDX-License-Identifier: BSD-2-Clause */
/* What is whole is read as it is; each thing that can be wrong is refused at its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "blob.h"
#include "text.h"
#include "wire.h"

enum { VOLUME = 0x2000, HEADER = 72, STORE_AT = HEADER, FIRST = STORE_AT + 28, NAME_BYTES = 14, VALUE = 4 };

static const uint8_t nv_guid[16] = {0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c,
                                    0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50};
static const uint8_t store_guid[16] = {0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43,
                                       0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92};

static size_t name_put(uint8_t *to, const char *name)
{
        size_t at = 0;

        do {
                wire_put16(to + 2 * at, (uint8_t)name[at]);
        } while (name[at++]);
        return 2 * at;
}

/* The header's 16-bit words add up to 0 again. */
static void volume_sign(uint8_t *volume)
{
        uint16_t sum = 0;

        wire_put16(volume + 50, 0);
        for (unsigned i = 0; i < HEADER; i += 2)
                sum = (uint16_t)(sum + wire_get16(volume + i));
        wire_put16(volume + 50, (uint16_t)-sum);
}

static size_t variable_put(uint8_t *at, const char *name, uint8_t state)
{
        memset(at, 0, 60);
        wire_put16(at, 0x55aa);
        at[2] = state;
        wire_put32(at + 4, 7);
        wire_put32(at + 36, NAME_BYTES);
        wire_put32(at + 40, VALUE);
        memcpy(at + 44, wire_variable_guid, 16);
        assert_int_equal(name_put(at + 60, name), NAME_BYTES);
        memcpy(at + 60 + NAME_BYTES, "abcd", VALUE);
        return (60 + NAME_BYTES + VALUE + 3) & ~3u;
}

static void store_make(uint8_t volume[VOLUME])
{
        size_t at = FIRST;

        memset(volume, 0xff, VOLUME);
        memset(volume, 0, HEADER);
        memcpy(volume + 16, nv_guid, 16);
        wire_put64(volume + 32, VOLUME);
        memcpy(volume + 40, "_FVH", 4);
        wire_put32(volume + 44, 0x4feff);
        wire_put16(volume + 48, HEADER);
        volume[55] = 2;
        wire_put32(volume + 56, 2);
        wire_put32(volume + 60, 4096);
        memset(volume + STORE_AT, 0, 28);
        memcpy(volume + STORE_AT, store_guid, 16);
        wire_put32(volume + STORE_AT + 16, VOLUME - HEADER);
        volume[STORE_AT + 20] = 0x5a;
        volume[STORE_AT + 21] = 0xfe;
        at += variable_put(volume + at, "Vmspec", 0x3c);
        (void)variable_put(volume + at, "Second", 0x3f);
        volume_sign(volume);
}

struct told {
        unsigned count;
        struct blob_variable last;
};

static void told(void *context, const struct blob_variable *variable)
{
        struct told *all = context;

        all->count++;
        all->last = *variable;
}

static void store_is_read(void **state)
{
        static uint8_t volume[VOLUME];
        struct blob_volumes volumes;
        struct blob_store store;
        struct blob_fault fault;
        struct told all = {0};

        (void)state;
        store_make(volume);
        assert_true(blob_volumes_read((struct bytes){volume, VOLUME}, &volumes, &fault));
        assert_int_equal(volumes.count, 1);
        assert_true(volumes.volume[0].variables);
        assert_true(blob_store_read((struct bytes){volume, VOLUME}, &volumes.volume[0], &store, told, &all, &fault));
        assert_int_equal(store.variables, 2);
        assert_int_equal(store.live, 1);
        assert_int_equal(all.count, 2);
        assert_string_equal(all.last.name, "Second");
        assert_int_equal(all.last.attributes, 7);
        assert_memory_equal(all.last.data.data, "abcd", VALUE);
}

/* One byte of the store or its volume is another one; sign: and the header's sum is right again. */
static const struct {
        const char *what;
        size_t at;
        uint8_t value;
        bool sign;
        size_t fault_at;
} wrongs[] = {
        {"the sum is odd", 16 + 28, 1, false, 0},
        {"the header is too long", 49, 0xff, true, 48},
        {"the volume is larger than the file", 34, 1, true, 0},
        {"another revision", 55, 1, true, 55},
        {"the map does not cover the volume", 56, 1, true, 56},
        {"the map does not end", 64, 1, true, 72},
        {"the store has no GUID", STORE_AT, 0, false, STORE_AT},
        {"the store is larger than the volume", STORE_AT + 18, 1, false, STORE_AT + 16},
        {"the store is not formatted", STORE_AT + 20, 0xff, false, STORE_AT + 20},
        {"the store is not healthy", STORE_AT + 21, 0, false, STORE_AT + 21},
        {"a state that there is not", FIRST + 2, 0x0f, false, FIRST + 2},
        {"a volatile variable", FIRST + 4, 6, false, FIRST + 4},
        {"a name of no size", FIRST + 36, 0, false, FIRST + 36},
        {"a name of odd size", FIRST + 36, 13, false, FIRST + 60},
        {"a name that does not end", FIRST + 60 + 12, 'x', false, FIRST + 60},
        {"a name that ends early", FIRST + 60 + 2, 0, false, FIRST + 60 + 2},
        {"a value that leaves the store", FIRST + 43, 1, false, FIRST + 60},
        {"something behind the last variable", VOLUME - 1, 0, false, VOLUME - 1},
};

static void broken_store_is_refused(void **state)
{
        static uint8_t volume[VOLUME];

        (void)state;
        for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
                struct bytes bytes = {volume, VOLUME};
                struct blob_volumes volumes;
                struct blob_store store;
                struct blob_fault fault = {.at = UINT64_MAX};
                struct told all = {0};

                store_make(volume);
                volume[wrongs[i].at] = wrongs[i].value;
                if (wrongs[i].sign)
                        volume_sign(volume);
                if (blob_volumes_read(bytes, &volumes, &fault) &&
                    blob_store_read(bytes, &volumes.volume[0], &store, told, &all, &fault))
                        fail_msg("%s: it was taken for whole", wrongs[i].what);
                if (fault.at != wrongs[i].fault_at)
                        fail_msg("%s: told at 0x%llx: %s", wrongs[i].what, (unsigned long long)fault.at, fault.found);
        }
}

static void overlapping_volumes_are_refused(void **state)
{
        static uint8_t two[2 * VOLUME];
        struct blob_volumes volumes;
        struct blob_fault fault;

        (void)state;
        store_make(two);
        memset(two + 4096, 0, sizeof(two) - 4096);
        memcpy(two + 4096, two, HEADER); /* it would end 4 KiB behind the first one */
        assert_false(blob_volumes_read((struct bytes){two, sizeof(two)}, &volumes, &fault));
        assert_int_equal(fault.at, 4096);
        wire_put64(two + 4096 + 32, 4096); /* inside the first one: its own matter */
        assert_true(blob_volumes_read((struct bytes){two, sizeof(two)}, &volumes, &fault));
        assert_int_equal(volumes.count, 1);
}

static size_t nvvars_make(uint8_t *to)
{
        size_t at = 4;

        wire_put32(to, NAME_BYTES);
        at += name_put(to + at, "Vmspec");
        memcpy(to + at, wire_variable_guid, 16);
        wire_put32(to + at + 16, 7);
        wire_put32(to + at + 20, VALUE);
        memcpy(to + at + 24, "abcd", VALUE);
        return at + 24 + VALUE;
}

static void nvvars_is_read(void **state)
{
        uint8_t file[256];
        size_t size = nvvars_make(file);
        struct blob_fault fault;
        struct told all = {0};
        unsigned count;

        (void)state;
        size += nvvars_make(file + size);
        assert_true(blob_nvvars_read((struct bytes){file, size}, &count, told, &all, &fault));
        assert_int_equal(count, 2);
        assert_string_equal(all.last.name, "Vmspec");
        for (size_t cut = 1; cut < size; cut++)
                if (cut != size / 2)
                        assert_false(blob_nvvars_read((struct bytes){file, cut}, &count, told, &all, &fault));
        wire_put32(file + 4 + NAME_BYTES + 16, 6);
        assert_false(blob_nvvars_read((struct bytes){file, size}, &count, told, &all, &fault));
        assert_int_equal(fault.at, 4 + NAME_BYTES + 16);
}

enum { BLOB = 0x1000, NOTE = 0x74 };

static void pvh_make(uint8_t blob[BLOB])
{
        memset(blob, 0, BLOB);
        memcpy(blob, "\177ELF\1\1\1", 7);
        wire_put16(blob + 16, 2);
        wire_put16(blob + 18, 3);
        wire_put32(blob + 28, 52);
        wire_put16(blob + 42, 32);
        wire_put16(blob + 44, 2);
        wire_put32(blob + 52, 1);
        wire_put32(blob + 52 + 12, 0x100000);
        wire_put32(blob + 52 + 16, BLOB);
        wire_put32(blob + 52 + 20, BLOB);
        wire_put32(blob + 84, 4);
        wire_put32(blob + 84 + 4, NOTE);
        wire_put32(blob + 84 + 16, 20);
        wire_put32(blob + 84 + 20, 20);
        wire_put32(blob + NOTE, 4);
        wire_put32(blob + NOTE + 4, 4);
        wire_put32(blob + NOTE + 8, 18);
        memcpy(blob + NOTE + 12, "Xen", 4);
        wire_put32(blob + NOTE + 16, 0x100000 + BLOB - 0x30);
}

static void pvh_is_read(void **state)
{
        static const struct {
                size_t at;
                uint32_t value, fault_at;
        } pvh_wrongs[] = {
                {4, 0x00010103, 4},            /* a class of 3 */
                {16, 0x00030003, 16},          /* ET_DYN */
                {16, 0x00280002, 18},          /* EM_ARM */
                {28, BLOB, BLOB},              /* program headers behind the end */
                {44, 0xffff, 42},              /* too many of them */
                {52 + 4, 1, 1},                /* the segment leaves the file */
                {52 + 12, 0xfffff001, 52},     /* it ends above 4 GiB */
                {52 + 20, 1, 52},              /* it is smaller in memory than in the file */
                {84, 1, 84},                   /* a second segment in its midst */
                {NOTE, 0xffffffff, NOTE + 12}, /* a name without end */
                {NOTE + 4, 3, NOTE + 20},      /* another value, and something behind the note */
                {NOTE + 16, 0x200000, 0},      /* an entry outside */
        };
        static uint8_t blob[BLOB];
        struct blob_pvh pvh;
        struct blob_fault fault;

        (void)state;
        pvh_make(blob);
        assert_true(blob_pvh_read((struct bytes){blob, BLOB}, &pvh, &fault));
        assert_true(pvh.noted);
        assert_int_equal(pvh.entry, 0x100fd0);
        assert_int_equal(pvh.segments, 1);
        for (size_t i = 0; i < sizeof(pvh_wrongs) / sizeof(pvh_wrongs[0]); i++) {
                pvh_make(blob);
                wire_put32(blob + pvh_wrongs[i].at, pvh_wrongs[i].value);
                if (i == 8)
                        wire_put32(blob + 84 + 12, 0x100100);
                if (blob_pvh_read((struct bytes){blob, BLOB}, &pvh, &fault))
                        fail_msg("%zu: it was taken for whole", i);
                if (i != 10 && fault.at != pvh_wrongs[i].fault_at)
                        fail_msg("%zu: told at 0x%llx: %s", i, (unsigned long long)fault.at, fault.found);
        }
        pvh_make(blob);
        for (size_t cut = 1; cut < NOTE; cut++)
                assert_false(blob_pvh_read((struct bytes){blob, cut}, &pvh, &fault));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(store_is_read),
                cmocka_unit_test(broken_store_is_refused),
                cmocka_unit_test(overlapping_volumes_are_refused),
                cmocka_unit_test(nvvars_is_read),
                cmocka_unit_test(pvh_is_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
