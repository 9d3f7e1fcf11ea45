/* SPDX-License-Identifier: BSD-2-Clause */
/* Images that are cut, corrupted or unreadable get verdicts: no crash, no loop, and no failure that was not proven. */
#include "test_disk.h"

enum { MUTATIONS = 4000 }; /* the environment's TEST_MUTATIONS overrides it */

/* A disk in memory, that cannot be read from a given place on. */
struct memory {
        uint8_t *data;
        uint64_t fails_from;
};

static bool memory_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        const struct memory *memory = image->context;

        if (offset + size > memory->fails_from)
                return false;
        memcpy(to, memory->data + offset, size);
        return true;
}

static void swallow(struct check *check, const struct fact *fact)
{
        (void)check;
        assert_true(fact->kind > 0 && fact->kind < FACT_KIND_END);
        assert_non_null(memchr(fact->got, 0, sizeof(fact->got)));
}

/* Runs every judge; each must say something that keeps it from being silent. */
static void judge_all(const struct image *image)
{
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                struct judge j = {.check = {.tell = swallow}, .image = image};

                if (cases[id].stage != STAGE_STATIC || !judge_halves[id])
                        continue;
                judge_halves[id](&j);
                assert_true(j.check.held + j.check.failed + j.check.other > 0);
        }
}

static uint64_t random_next(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

static struct memory memory_load(const char *path, uint64_t size)
{
        struct memory memory = {.data = calloc(1, size), .fails_from = UINT64_MAX};
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        assert_non_null(memory.data);
        assert_int_equal(pread(fd, memory.data, size, 0), size);
        close(fd);
        return memory;
}

enum { DISK_SIZE = 40 << 20, ESP_FIRST = 2048, ESP_KIB = 36 * 1024 };

static struct memory good_load(void)
{
        static char path[300];
        const char *folder = test_folder("test_image_hostile");
        struct memory memory;

        snprintf(path, sizeof(path), "%s/disk.img", folder);
        test_disk_empty(path, DISK_SIZE);
        test_run_ok("sgdisk -n 1:2048:+36M -t 1:ef00 -n 2:0:0 -t 2:8300 %s", path);
        test_esp_fill(folder, path, 512, ESP_FIRST, ESP_KIB, 1, "BOOTAA64.EFI", 0xaa64);
        test_judge_good(path, 512);
        memory = memory_load(path, DISK_SIZE);
        unlink(path);
        return memory;
}

static void cut_images_are_judged(void **state)
{
        struct memory memory = good_load();
        struct image image = {.block_size = 512, .context = &memory, .read = memory_read};

        (void)state;
        for (uint64_t size = 0; size < DISK_SIZE; size += size < 36864 ? 511 : size / 9) {
                image.size = size;
                judge_all(&image);
        }
        image.size = DISK_SIZE;
        for (memory.fails_from = 0; memory.fails_from < DISK_SIZE; memory.fails_from += 1 + memory.fails_from / 5)
                judge_all(&image);
        free(memory.data);
}

/* Where a random change is worth most: the tables, the boot sectors, the FATs' beginnings, directories and headers. */
static uint64_t target(uint64_t *seed)
{
        static const struct {
                uint64_t start, size;
        } areas[] = {
                {446, 66},
                {512, 92},
                {1024, 256},
                {DISK_SIZE - 512, 92},
                {DISK_SIZE - 33 * 512, 256},
                {ESP_FIRST * 512, 96},
                {ESP_FIRST * 512 + 512, 512},
                {(ESP_FIRST + 32) * 512, 64},
                {(ESP_FIRST + 32 + 2 * 567) * 512 - 4096, 8192},
        };
        size_t i = random_next(seed) % (sizeof(areas) / sizeof(areas[0]));

        return areas[i].start + random_next(seed) % areas[i].size;
}

static void corrupted_images_are_judged(void **state)
{
        static const uint8_t sharp[] = {0, 1, 0x7f, 0x80, 0xff};
        struct memory memory = good_load();
        struct image image = {.size = DISK_SIZE, .block_size = 512, .context = &memory, .read = memory_read};
        uint64_t seed = 0x9e3779b97f4a7c15;
        const char *more = getenv("TEST_MUTATIONS");
        unsigned long rounds = more ? strtoul(more, NULL, 10) : MUTATIONS;
        struct {
                uint64_t at;
                uint8_t was;
        } undo[32];

        (void)state;
        for (unsigned round = 0; round < rounds; round++) {
                unsigned count = 0, runs = 1 + (unsigned)(random_next(&seed) % 4);

                for (unsigned run = 0; run < runs; run++) {
                        uint64_t at = target(&seed), length = 1 + random_next(&seed) % 8;

                        for (uint64_t i = 0; i < length && at + i < DISK_SIZE && count < 32; i++, count++) {
                                undo[count].at = at + i;
                                undo[count].was = memory.data[at + i];
                                memory.data[at + i] = random_next(&seed) & 1 ? sharp[random_next(&seed) % 5]
                                                                             : (uint8_t)random_next(&seed);
                        }
                }
                judge_all(&image);
                while (count-- > 0)
                        memory.data[undo[count].at] = undo[count].was;
        }
        free(memory.data);
}

/* A file that shrinks while it is judged: what was not read is an ERROR, and nothing is called a failure for it. */
static void short_files_are_errors(void **state)
{
        static char path[300];
        struct image_file file;
        struct judge j = {.check = {.tell = swallow}};
        char error[200];

        (void)state;
        snprintf(path, sizeof(path), "%s/short.img", test_folder("test_image_hostile"));
        test_disk_empty(path, 1 << 20);
        assert_int_equal(image_file_open(&file, path, 512, error, sizeof(error)), 0);
        assert_int_equal(truncate(path, 4096), 0);
        j.image = &file.image;
        judge_gpt_backup_header(&j);
        assert_true(file.failed > 0);
        assert_non_null(strstr(file.failure, "ended early"));
        image_file_close(&file);
        unlink(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cut_images_are_judged),
                cmocka_unit_test(corrupted_images_are_judged),
                cmocka_unit_test(short_files_are_errors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
