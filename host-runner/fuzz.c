/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz targets share: the judges over hostile bytes, whose facts must be whole whatever the bytes were. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "judge.h"

static void text_whole(const char *text, size_t room)
{
        const char *end = memchr(text, 0, room);

        fuzz_expect(end != NULL);
        for (; text < end; text++)
                fuzz_expect(*text >= 0x20 && *text < 0x7f);
}

static void fact_whole(struct check *check, const struct fact *fact)
{
        (void)check;
        fuzz_expect(fact->kind > 0 && fact->kind < FACT_KIND_END);
        text_whole(fact->place, sizeof(fact->place));
        text_whole(fact->what, sizeof(fact->what));
        text_whole(fact->got, sizeof(fact->got));
        text_whole(fact->want, sizeof(fact->want));
}

static void judge_all(const struct evidence *evidence, const struct image *image)
{
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                struct judge judge = {.evidence = evidence, .image = image, .check = {.tell = fact_whole}};

                if (judge_halves[id] && stage_is_of_image(cases[id].stage) == (image != NULL))
                        judge_halves[id](&judge);
        }
}

void fuzz_judge(const struct evidence *evidence)
{
        judge_all(evidence, NULL);
}

void fuzz_judge_image(const struct image *image)
{
        judge_all(NULL, image);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
        static char path[40];
        static int fd = -1;

        if (fd < 0) {
                fd = memfd_create("fuzz", MFD_CLOEXEC);
                snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        }
        fuzz_expect(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
        return path;
}
