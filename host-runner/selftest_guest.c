/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest defect is seeded into a private copy of the test guest's disk, which is then booted as any image is.
 *
 * guest = OLD => NEW     the one place of the disk that holds OLD is overwritten with NEW, and what is left of OLD with
 *                        blanks; NEW may be longer where only blanks follow
 * guest = + TEXT         goes on in a new line behind what the line before it wrote
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit.h"
#include "image_boot.h"
#include "scratch.h"
#include "selftest_private.h"
#include "suite_disk.h"
#include "verdicts.h"

enum { PATH = 4096, DEADLINE = 60 };

static const char plain_machine[] = "aarch64-aavmf-acpi";

/* Seeding ---------------------------------------------------------------------------------------------------------- */

struct disk {
        char *bytes;
        size_t size;
        size_t at; /* behind what was written last; 0: nothing yet */
        char *error;
        size_t error_size;
};

static int refuse(struct disk *disk, const char *what, const char *line)
{
        snprintf(disk->error, disk->error_size, "%s: %.100s", what, line);
        return -EINVAL;
}

/* Blanks and nothing else make room for what is longer than what stood there. */
static int text_write(struct disk *disk, size_t at, size_t old, const char *text, const char *line)
{
        size_t length = strlen(text);

        for (size_t i = old; i < length; i++)
                if (at + i >= disk->size || disk->bytes[at + i] != ' ')
                        return refuse(disk, "no room for it on the guest's disk", line);
        memcpy(disk->bytes + at, text, length);
        for (size_t i = length; i < old; i++)
                disk->bytes[at + i] = ' ';
        disk->at = at + length;
        return 0;
}

static int line_apply(struct disk *disk, const char *line)
{
        const char *arrow = strstr(line, " => ");
        size_t length = arrow ? (size_t)(arrow - line) : 0;
        char text[300], *found;

        if (strncmp(line, "+ ", 2) == 0 && disk->at) {
                snprintf(text, sizeof(text), "\n%s", line + 2);
                return text_write(disk, disk->at, 0, text, line);
        }
        found = length ? memmem(disk->bytes, disk->size, line, length) : NULL;
        if (!found)
                return refuse(disk, "not on the guest's disk", line);
        if (memmem(found + 1, disk->size - (size_t)(found + 1 - disk->bytes), line, length))
                return refuse(disk, "more than once on the guest's disk", line);
        return text_write(disk, (size_t)(found - disk->bytes), length, arrow + 4, line);
}

static int guest_seed(int fd, const struct defect *defect, char *error, size_t error_size)
{
        struct disk disk = {.error = error, .error_size = error_size};
        struct stat status;
        int result = 0;

        for (size_t i = 0; i < defect->edit.count && !result; i++)
                result = edit_apply(fd, defect->edit.text[i], error, error_size);
        if (result || !defect->guest.count)
                return result;
        if (fstat(fd, &status))
                return -errno;
        disk.size = (size_t)status.st_size;
        disk.bytes = mmap(NULL, disk.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (disk.bytes == MAP_FAILED)
                return -errno;
        for (size_t i = 0; i < defect->guest.count && !result; i++)
                result = line_apply(&disk, defect->guest.text[i]);
        munmap(disk.bytes, disk.size);
        return result;
}

/* Booting ---------------------------------------------------------------------------------------------------------- */

static int guest_verdicts(const struct selftest *selftest, const char *name, char *path, const bool *selected,
                          struct image_verdicts *ret, char *error, size_t error_size)
{
        struct scratch scratch;
        char folder[PATH];
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        struct image_boot_options options = {.image = &path,
                                             .images = 1,
                                             .block_size = 512,
                                             .selected = selected,
                                             .machine = machines_find(selftest->machines, plain_machine),
                                             .marker = "guest login: ",
                                             .deadline = DEADLINE,
                                             .jobs = selftest->jobs,
                                             .folder = folder};
        bool begun;
        int result = selftest->folder ? 0 : scratch_make(&scratch, "guest");

        if (selftest->folder)
                snprintf(folder, sizeof(folder), "%s/%s", selftest->folder, name);
        else
                snprintf(folder, sizeof(folder), "%s", scratch.path);
        if (result || !options.machine) {
                snprintf(error, error_size, "%s: no machine %s, or no folder", name, plain_machine);
                if (!result && !selftest->folder)
                        scratch_remove(&scratch);
                return -EIO;
        }
        result = image_boot(&options, &begun, error, error_size);
        if (!result)
                result = verdicts_read(folder, &ledger, error, error_size);
        if (!result)
                image_verdicts_take(ret, &ledger.subject[0]);
        ledger_free(&ledger);
        if (!selftest->folder)
                scratch_remove(&scratch);
        return result;
}

static void guest_try(const struct selftest *selftest, const struct defect *defect, const char *disk,
                      const struct image_verdicts *good, struct selftest_result *result)
{
        static struct image_verdicts bad;
        bool selected[CASE_COUNT];
        char path[40], error[400] = "";
        int fd = private_copy(disk), failed = fd < 0 ? fd : 0;

        memcpy(selected, defect->holds, sizeof(selected));
        selected[defect->case_id] = true;
        if (!failed)
                failed = guest_seed(fd, defect, error, sizeof(error));
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (!failed)
                failed = guest_verdicts(selftest, defect->id, path, selected, &bad, error, sizeof(error));
        if (failed)
                result_set(result, SELFTEST_FAULT, "", *error ? error : strerror(-failed));
        else
                image_verdicts_compare(defect, selected, good, &bad, result);
        if (fd >= 0)
                close(fd);
}

static void guests_missing(struct selftest *selftest, const char *disk)
{
        for (size_t i = 0; i < selftest->defects->count; i++)
                if (selftest->defects->defect[i].by == DEFECT_GUEST)
                        result_set(&selftest->result[i], SELFTEST_FAULT, disk,
                                   " is not there: ./dev build makes it where Debian's packages can be fetched");
}

int guests_try(struct selftest *selftest, char *error, size_t error_size)
{
        static struct image_verdicts good;
        bool selected[CASE_COUNT] = {false}, any = false;
        char disk[PATH];
        int result = 0;

        snprintf(disk, sizeof(disk), "%s/guest.img", selftest->data);
        for (size_t i = 0; i < selftest->defects->count; i++) {
                const struct defect *defect = &selftest->defects->defect[i];

                if (!selftest->chosen[i] || defect->by != DEFECT_GUEST)
                        continue;
                for (unsigned id = 0; id < CASE_COUNT; id++)
                        selected[id] |= id == defect->case_id || defect->holds[id];
                any = true;
        }
        if (any && access(disk, R_OK)) {
                guests_missing(selftest, disk);
                return 0;
        }
        if (any)
                result = guest_verdicts(selftest, "guest-control", disk, selected, &good, error, error_size);
        for (size_t i = 0; any && !result && i < selftest->defects->count; i++)
                if (selftest->chosen[i] && selftest->defects->defect[i].by == DEFECT_GUEST)
                        guest_try(selftest, &selftest->defects->defect[i], disk, &good, &selftest->result[i]);
        return result;
}
