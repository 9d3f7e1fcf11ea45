/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU reads through a map of a flash chip is what is in the chip's file; qemu-img is asked. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "qcow2.h"
#include "suite_disk.h"

enum { MIB = 1024 * 1024, CHIP = 64 * MIB, USED = 2 * MIB, CLUSTER = 65536 };

/* A chip's file whose last byte before the zeros is not on a cluster's border. */
static int chip_make(void)
{
        static uint8_t bytes[4096];
        int chip = private_file(CHIP);

        assert_true(chip >= 0);
        for (unsigned i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(i * 7 + 1);
        for (int at = 0; at < USED; at += 5 * CLUSTER)
                assert_int_equal(pwrite(chip, bytes, sizeof(bytes), at), sizeof(bytes));
        assert_int_equal(pwrite(chip, bytes, 17, USED - 17), 17);
        return chip;
}

/* The exit status of a program that is given the map, or the map and the chip, by path. */
static int ask(const char *format, int map, int chip)
{
        char command[600];
        int length = snprintf(command, sizeof(command), format, getpid(), map, getpid(), chip, getpid(), chip);

        assert_true(length > 0 && (size_t)length < sizeof(command));
        return system(command);
}

static void chip_is_read_whole(int chip)
{
        int map = qcow2_make_flash(chip);

        assert_true(map >= 0);
        assert_int_equal(ask("qemu-img compare -q --image-opts "
                             "driver=qcow2,file.filename=/proc/%d/fd/%d,data-file.filename=/proc/%d/fd/%d "
                             "driver=raw,file.filename=/proc/%d/fd/%d",
                             map, chip),
                         0);
        close(map);
}

/* What is written lies in the chip's file at its own place: where bytes were, and where none were. */
static void chip_is_written(int chip)
{
        static const off_t places[] = {4096, 40000000};
        int map = qcow2_make_flash(chip);
        uint8_t written;

        assert_true(map >= 0);
        assert_int_equal(ask("qemu-io --image-opts -c 'write -q -P 0x5a 4096 1' -c 'write -q -P 0x5a 40000000 1' "
                             "driver=qcow2,file.filename=/proc/%d/fd/%d,data-file.filename=/proc/%d/fd/%d",
                             map, chip),
                         0);
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                assert_int_equal(pread(chip, &written, 1, places[i]), 1);
                assert_int_equal(written, 0x5a);
        }
        close(map);
}

static void chip_is_what_its_file_is(void **state)
{
        int chip = chip_make();

        (void)state;
        chip_is_read_whole(chip);
        chip_is_written(chip);
        chip_is_read_whole(chip);
        close(chip);
}

/* As a blank store of AAVMF's is. */
static void chip_of_zeros_is_what_its_file_is(void **state)
{
        int chip = private_file(CHIP);

        (void)state;
        chip_is_read_whole(chip);
        chip_is_written(chip);
        chip_is_read_whole(chip);
        close(chip);
}

static void used_part_is_counted(void **state)
{
        int chip = chip_make();
        uint64_t size = 0, used = 0;

        (void)state;
        assert_int_equal(private_used(chip, &size, &used), 0);
        assert_int_equal(size, CHIP);
        assert_true(used >= USED && used <= USED + 4096);
        close(chip);
        assert_int_equal(private_used(-1, &size, &used), -EBADF);
}

static void full_and_small_files_have_no_map(void **state)
{
        int chip = private_file(CHIP), small = private_file(MIB);

        (void)state;
        assert_int_equal(pwrite(chip, "x", 1, CHIP - 1), 1);
        assert_int_equal(qcow2_make_flash(chip), -ENODATA);
        assert_int_equal(pwrite(small, "x", 1, 0), 1);
        assert_int_equal(qcow2_make_flash(small), -ENODATA);
        close(chip);
        close(small);
}

static void sizes_have_limits(void **state)
{
        (void)state;
        assert_int_equal(qcow2_make((uint64_t)1 << 44, 0), -EFBIG);
        assert_int_equal(qcow2_make((uint64_t)1 << 40, (uint64_t)1 << 30), -EFBIG);
        assert_int_equal(qcow2_make(CLUSTER, (uint64_t)2 * CLUSTER), -EFBIG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(chip_is_what_its_file_is), cmocka_unit_test(chip_of_zeros_is_what_its_file_is),
                cmocka_unit_test(used_part_is_counted),     cmocka_unit_test(full_and_small_files_have_no_map),
                cmocka_unit_test(sizes_have_limits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
