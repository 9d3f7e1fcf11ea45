/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks for the tests: made by the common tools at test time, copied, judged, and compared. */
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "edit.h"
#include "image_file.h"
#include "judge.h"

extern char **environ;

enum { TEST_WORDS = 32 };

/* Runs a program quietly, its arguments given as one string split at blanks; returns its exit status, or -1. */
static __attribute__((unused)) int test_run(const char *input, const char *command)
{
        char *copy = strdup(command), *save = NULL, *argv[TEST_WORDS + 1];
        posix_spawn_file_actions_t actions;
        int status = -1, count = 0;
        pid_t pid;

        for (char *word = strtok_r(copy, " ", &save); word && count < TEST_WORDS; word = strtok_r(NULL, " ", &save))
                argv[count++] = word;
        argv[count] = NULL;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
        setenv("MTOOLS_SKIP_CHECK", "1", 1);
        if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0 && waitpid(pid, &status, 0) == pid)
                status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        posix_spawn_file_actions_destroy(&actions);
        free(copy);
        return status;
}

static __attribute__((unused)) void test_run_ok(const char *format, ...)
{
        char command[512];
        va_list args;

        va_start(args, format);
        vsnprintf(command, sizeof(command), format, args);
        va_end(args);
        if (test_run("/dev/null", command) != 0)
                fail_msg("failed: %s", command);
}

/* As test_run_ok(), with a file as its standard input. */
static __attribute__((unused)) void test_run_with(const char *input, const char *program, const char *argument)
{
        char command[512];

        snprintf(command, sizeof(command), "%s %s", program, argument);
        if (test_run(input, command) != 0)
                fail_msg("failed: %s", command);
}

static __attribute__((unused)) void test_file_write(const char *path, const void *data, size_t size)
{
        FILE *file = fopen(path, "wb");

        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

static __attribute__((unused)) void test_le(uint8_t *at, uint64_t value, unsigned width)
{
        for (unsigned i = 0; i < width; i++)
                at[i] = (uint8_t)(value >> 8 * i);
}

enum { TEST_PE_SIZE = 0x600 };

/* The smallest useful application: headers, one page of code, one empty relocation block. */
static __attribute__((unused)) void test_pe_make(uint8_t b[TEST_PE_SIZE], uint16_t machine)
{
        bool wide = machine != 0x01c2 && machine != 0x014c;
        uint8_t *pe = b + 64, *optional = pe + 24, *directory = optional + (wide ? 112 : 96), *section;

        memset(b, 0, TEST_PE_SIZE);
        memcpy(b, "MZ", 2);
        test_le(b + 60, 64, 4);
        memcpy(pe, "PE\0\0", 4);
        test_le(pe + 4, machine, 2);
        test_le(pe + 6, 2, 2);
        test_le(pe + 20, wide ? 240 : 224, 2);
        test_le(pe + 22, wide ? 0x22 : 0x122, 2);
        test_le(optional, wide ? 0x20b : 0x10b, 2);
        test_le(optional + 16, 0x1000, 4);
        test_le(optional + 32, 0x1000, 4);
        test_le(optional + 36, 0x200, 4);
        test_le(optional + 56, 0x3000, 4);
        test_le(optional + 60, 0x200, 4);
        test_le(optional + 68, 10, 2);
        test_le(directory - 4, 16, 4);
        test_le(directory + 40, 0x2000, 4);
        test_le(directory + 44, 12, 4);
        section = directory + 128;
        memcpy(section, ".text", 5);
        test_le(section + 8, 0x200, 4);
        test_le(section + 12, 0x1000, 4);
        test_le(section + 16, 0x200, 4);
        test_le(section + 20, 0x200, 4);
        section += 40;
        memcpy(section, ".reloc", 6);
        test_le(section + 8, 12, 4);
        test_le(section + 12, 0x2000, 4);
        test_le(section + 16, 0x200, 4);
        test_le(section + 20, 0x400, 4);
        test_le(b + 0x400, 0x1000, 4);
        test_le(b + 0x404, 12, 4);
}

/* An empty folder of the test's own under the build tree; returns its path. */
static __attribute__((unused)) const char *test_folder(const char *name)
{
        static char path[256];

        snprintf(path, sizeof(path), "%s/tests/%s.d", TEST_BUILD_DIR, name);
        mkdir(path, 0777);
        return path;
}

/* Makes the file system in the partition at the given LBA and puts a boot file of one architecture into it. */
static __attribute__((unused)) void test_esp_fill(const char *folder, const char *disk, unsigned block, uint64_t first,
                                                  uint64_t kib, unsigned cluster_sectors, const char *name,
                                                  uint16_t machine)
{
        uint8_t pe[TEST_PE_SIZE];
        char app[300];
        unsigned long long at = first * block;

        snprintf(app, sizeof(app), "%s/app.efi", folder);
        test_pe_make(pe, machine);
        test_file_write(app, pe, sizeof(pe));
        test_run_ok("mkfs.vfat -F 32 -S %u -s %u --offset %llu %s %llu", block, cluster_sectors,
                    (unsigned long long)first, disk, (unsigned long long)kib);
        test_run_ok("mmd -i %s@@%llu ::/EFI ::/EFI/BOOT", disk, at);
        test_run_ok("mcopy -i %s@@%llu %s ::/EFI/BOOT/%s", disk, at, app, name);
        test_file_write(app, pe + 2, sizeof(pe) - 2); /* without MZ: \EFI\BOOT is to hold one image */
        test_run_ok("mcopy -i %s@@%llu %s ::/EFI/BOOT/a-file-with-a-rather-long-name.txt", disk, at, app);
}

static __attribute__((unused)) void test_disk_empty(const char *disk, off_t size)
{
        int fd = open(disk, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, size), 0);
        close(fd);
}

/* The disk that the defects start from: 64 MiB, the ESP as entry 1, another partition as entry 2. */
static __attribute__((unused)) void test_disk_good(const char *folder, const char *disk)
{
        test_disk_empty(disk, 64 << 20);
        test_run_ok("sgdisk -n 1:2048:+48M -t 1:ef00 -n 2:0:0 -t 2:8300 %s", disk);
        test_esp_fill(folder, disk, 512, 2048, 48 * 1024, 1, "BOOTAA64.EFI", 0xaa64);
}

/* The verdicts of all STATIC cases; the reasons go to reason[] where it is given. */
static __attribute__((unused)) void test_judge(const char *disk, unsigned block, enum verdict verdict[CASE_COUNT],
                                               char (*reason)[FACT_TEXT + FACT_WHAT])
{
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        bool selected[CASE_COUNT];
        char error[300] = "";

        memset(selected, true, sizeof(selected));
        if (image_judge_among(&ledger, disk, block, edit_beside(), selected, error, sizeof(error)) < 0)
                fail_msg("%s", error);
        for (size_t i = 0; i < ledger.subject[0].rows; i++) {
                const struct row *row = &ledger.subject[0].row[i];

                verdict[row->id] = row->verdict;
                if (reason)
                        memcpy(reason[row->id], row->reason, sizeof(row->reason));
        }
        ledger_free(&ledger);
}

/* Every STATIC case with a judge passes. */
static __attribute__((unused)) void test_judge_good(const char *disk, unsigned block)
{
        enum verdict verdict[CASE_COUNT];
        static char reason[CASE_COUNT][FACT_TEXT + FACT_WHAT];

        test_judge(disk, block, verdict, reason);
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (cases[id].stage == STAGE_STATIC && judge_halves[id] && verdict[id] != VERDICT_PASS)
                        fail_msg("%s: %s is %s: %s", disk, cases[id].name, verdict_name(verdict[id]), reason[id]);
}
