/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz targets share: the judges over hostile bytes, whose facts must be whole whatever the bytes were. */
#include "fuzz.h"

#include <setjmp.h>
#include <signal.h>
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

static void judge_one(enum case_id id, const struct evidence *evidence, const struct image *image)
{
        struct judge judge = {.evidence = evidence, .image = image, .check = {.tell = fact_whole}};

        judge_halves[id](&judge);
}

/* Which judges read ------------------------------------------------------------------------------------------------ */

enum { PROBE_SIZE = 65536 };

static sigjmp_buf touched;

static void touch(int number)
{
        (void)number;
        siglongjmp(touched, 1);
}

struct readers {
        unsigned count;
        enum case_id id[CASE_COUNT];
};

/*
 * The judges that read evidence of a kind where it stands beside the rest: those that touch a page which nobody may
 * read. All others do the same whatever its bytes are, and would only cost time.
 */
static void readers_find(struct evidence evidence, enum evidence_kind kind, struct readers *ret)
{
        void *closed = mmap(NULL, PROBE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct sigaction action = {.sa_handler = touch}, before;

        fuzz_expect(closed != MAP_FAILED && sigaction(SIGSEGV, &action, &before) == 0);
        evidence.of[kind] = (struct bytes){closed, PROBE_SIZE};
        for (volatile unsigned id = 0; id < CASE_COUNT; id++) {
                if (!judge_halves[id] || stage_is_of_image(cases[id].stage))
                        continue;
                if (sigsetjmp(touched, 1))
                        ret->id[ret->count++] = id;
                else
                        judge_one(id, &evidence, NULL);
        }
        sigaction(SIGSEGV, &before, NULL);
        munmap(closed, PROBE_SIZE);
}

/* One of them, or all. */
static void readers_judge(const struct readers *readers, uint8_t which, const struct evidence *evidence,
                          const struct image *image)
{
        fuzz_expect(readers->count > 0);
        for (unsigned i = 0; i < readers->count; i++)
                if (which == FUZZ_ALL || i == which % readers->count)
                        judge_one(readers->id[i], evidence, image);
}

void fuzz_judge(const struct evidence *evidence, enum evidence_kind kind, uint8_t which)
{
        static struct readers readers[EVIDENCE_COUNT];

        if (!readers[kind].count)
                readers_find(*evidence, kind, &readers[kind]);
        readers_judge(&readers[kind], which, evidence, NULL);
}

int fuzz_tables(enum evidence_kind kind, const uint8_t *data, size_t size)
{
        static const char config[] = "b1b621d5-f19c-41a5-830b-d9152c69aae0=0x48000000\n"
                                     "8868e871-e4f1-11d3-bc22-0080c73c8881=0x5f000018\n"
                                     "f2fd1544-9794-4a2c-992e-e5bbcf20e394=0x5fed0000\n";
        struct evidence evidence = {.of[EVIDENCE_CONFIG] = {(const uint8_t *)config, sizeof(config) - 1}};

        if (size == 0)
                return 0;
        evidence.of[kind] = (struct bytes){data + 1, size - 1};
        fuzz_judge(&evidence, kind, data[0]);
        return 0;
}

void fuzz_judge_image(const struct image *image, uint8_t which)
{
        static struct readers readers;

        for (unsigned id = readers.count ? CASE_COUNT : 0; id < CASE_COUNT; id++)
                if (judge_halves[id] && stage_is_of_image(cases[id].stage))
                        readers.id[readers.count++] = id;
        readers_judge(&readers, which, NULL, image);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
        static char path[40];
        static int fd = -1;

        if (fd < 0) {
                fd = memfd_create("fuzz", MFD_CLOEXEC);
                snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        }
        fuzz_expect(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size && ftruncate(fd, (off_t)size) == 0);
        return path;
}
