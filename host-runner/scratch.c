/* SPDX-License-Identifier: BSD-2-Clause */
/* Even a process that is killed leaves no temporary folder behind: another one waits for its end, and removes it. */
#include "scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

static int entry_remove(const char *path, const struct stat *status, int type, struct FTW *at)
{
        (void)status, (void)type, (void)at;
        return remove(path);
}

void folder_remove(const char *path)
{
        (void)nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the child: a session of its own, so that no key that ends the owner ends it too, and no descriptor but the pipe's.
 */
static void guard_run(const char *path, int owner)
{
        char byte;

        setsid();
        dup2(owner, 0);
        close_range(1, ~0u, 0);
        while (read(0, &byte, 1) < 0 && errno == EINTR)
                ;
        folder_remove(path);
        _exit(0);
}

int scratch_make(struct scratch *scratch, const char *name)
{
        const char *where = getenv("TMPDIR");
        int ends[2];

        *scratch = (struct scratch){.alive = -1};
        snprintf(scratch->path, sizeof(scratch->path), "%s/vmspec-%s-XXXXXX", where && *where ? where : "/tmp", name);
        if (pipe2(ends, O_CLOEXEC))
                return -errno;
        if (!mkdtemp(scratch->path)) {
                int failed = errno;

                close(ends[0]);
                close(ends[1]);
                return -failed;
        }
        scratch->guard = fork();
        if (scratch->guard == 0) {
                close(ends[1]);
                guard_run(scratch->path, ends[0]);
        }
        close(ends[0]);
        scratch->alive = ends[1];
        return 0;
}

void scratch_remove(struct scratch *scratch)
{
        if (scratch->alive >= 0)
                close(scratch->alive);
        scratch->alive = -1;
        while (scratch->guard > 0 && waitpid(scratch->guard, NULL, 0) < 0 && errno == EINTR)
                ;
        folder_remove(scratch->path); /* where no guard could be made */
}
