/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest defect is seeded into a private copy of the test guest's disk, which is then booted as any image is.
 *
 * guest = OLD => NEW     the one place of the disk that holds OLD is overwritten with NEW, and what is left of OLD with
 *                        blanks; NEW may be longer where only blanks follow
 * guest = + TEXT         goes on in a new line behind what the line before it wrote
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edit.h"
#include "image_boot.h"
#include "scratch.h"
#include "selftest_private.h"
#include "suite_disk.h"
#include "verdicts.h"

enum { PATH = 4096, DEADLINE = 180, SPARE = 1 };

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

/* A guest to be booted, by whichever worker comes to it first: that of a defect, or the control. */
struct guest_job {
        const struct defect *defect; /* NULL: the control */
        const char *xen;             /* id of the machine of Xen's where it is booted, too; NULL: on none */
        bool selected[CASE_COUNT];
        int failed;
        char error[400];
        struct image_verdicts verdicts;
};

static int guest_verdicts(const struct selftest *selftest, const struct guest_job *job, char *path,
                          struct image_verdicts *ret, char *error, size_t error_size)
{
        const char *name = job->defect ? job->defect->id : "guest-control";
        struct scratch scratch;
        char folder[PATH];
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        struct image_boot_options options = {.image = &path,
                                             .images = 1,
                                             .block_size = 512,
                                             .selected = job->selected,
                                             .machine = machines_find(selftest->machines, plain_machine),
                                             .xen = job->xen ? machines_find(selftest->machines, job->xen) : NULL,
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
        if (result || !options.machine || (job->xen && !options.xen)) {
                snprintf(error, error_size, "%s: no machine %s%s%s, or no folder", name, plain_machine,
                         job->xen ? " or " : "", job->xen ? job->xen : "");
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

/* What the workers share with the process that started them. */
struct guest_jobs {
        atomic_uint next;
        unsigned count;
        struct guest_job job[];
};

static void job_do(const struct selftest *selftest, struct guest_job *job, const char *disk)
{
        char path[40];
        int fd = private_copy(disk), failed = fd < 0 ? fd : 0;

        job->error[0] = 0;
        if (!failed && job->defect)
                failed = guest_seed(fd, job->defect, job->error, sizeof(job->error));
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (!failed)
                failed = guest_verdicts(selftest, job, path, &job->verdicts, job->error, sizeof(job->error));
        if (failed && !*job->error)
                snprintf(job->error, sizeof(job->error), "%s", strerror(-failed));
        job->failed = failed;
        if (fd >= 0)
                close(fd);
}

/* The trials of one guest depend on each other, and a guest that says nothing is waited for in idleness: only several
 * guests keep several processors busy. */
static pid_t worker_start(const struct selftest *selftest, struct guest_jobs *jobs, const char *disk)
{
        struct selftest alone = *selftest;
        pid_t parent = getpid(), child = fork();

        if (child)
                return child;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alone.jobs = 1;
        for (unsigned i; getppid() == parent && (i = atomic_fetch_add(&jobs->next, 1)) < jobs->count;)
                job_do(&alone, &jobs->job[i], disk);
        _exit(0);
}

static void jobs_run(const struct selftest *selftest, struct guest_jobs *jobs, const char *disk)
{
        unsigned running = 0, most = selftest->jobs > 1 ? selftest->jobs + SPARE : 1;

        while (running < most && running < jobs->count && worker_start(selftest, jobs, disk) > 0)
                running++;
        for (; running; running--)
                while (wait(NULL) < 0 && errno == EINTR)
                        ;
}

/* The control first: it makes the most trials. NULL where there is no memory. */
static struct guest_jobs *jobs_make(const struct selftest *selftest, size_t *ret_size)
{
        struct guest_jobs *jobs;
        size_t size = sizeof(*jobs) + (selftest->defects->count + 1) * sizeof(jobs->job[0]);

        jobs = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (jobs == MAP_FAILED)
                return NULL;
        *ret_size = size;
        jobs->count = 1;
        for (size_t i = 0; i < selftest->defects->count; i++) {
                const struct defect *defect = &selftest->defects->defect[i];
                struct guest_job *job = &jobs->job[jobs->count];

                if (!selftest->chosen[i] || defect->by != DEFECT_GUEST)
                        continue;
                jobs->count++;
                job->defect = defect;
                job->xen = defect->machine;
                if (defect->machine)
                        jobs->job[0].xen = defect->machine;
                memcpy(job->selected, defect->holds, sizeof(job->selected));
                job->selected[defect->case_id] = true;
                for (unsigned id = 0; id < CASE_COUNT; id++)
                        jobs->job[0].selected[id] |= job->selected[id];
        }
        for (unsigned i = 0; i < jobs->count; i++) {
                jobs->job[i].failed = -EIO;
                snprintf(jobs->job[i].error, sizeof(jobs->job[i].error), "its worker came to an end before it");
        }
        return jobs;
}

static int jobs_judge(struct selftest *selftest, const struct guest_jobs *jobs, char *error, size_t error_size)
{
        const struct guest_job *control = &jobs->job[0];

        if (control->failed) {
                snprintf(error, error_size, "the good guest: %s", control->error);
                return control->failed;
        }
        for (unsigned i = 1; i < jobs->count; i++) {
                const struct guest_job *job = &jobs->job[i];
                struct selftest_result *result = &selftest->result[job->defect - selftest->defects->defect];

                if (job->failed)
                        result_set(result, SELFTEST_FAULT, "", job->error);
                else
                        image_verdicts_compare(job->defect, job->selected, &control->verdicts, &job->verdicts, result);
        }
        return 0;
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
        struct guest_jobs *jobs;
        char disk[PATH];
        size_t size = 0;
        int result = 0;

        snprintf(disk, sizeof(disk), "%s/guest.img", selftest->data);
        jobs = jobs_make(selftest, &size);
        if (!jobs)
                return -ENOMEM;
        if (jobs->count > 1 && access(disk, R_OK)) {
                guests_missing(selftest, disk);
        } else if (jobs->count > 1) {
                jobs_run(selftest, jobs, disk);
                result = jobs_judge(selftest, jobs, error, error_size);
        }
        munmap(jobs, size);
        return result;
}
