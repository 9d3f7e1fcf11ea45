/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux' loop device writes past fsnotify since 6.15: inotify(7) says nothing, while the file's time still tells of it.
 */
#include "xen_wake.h"

#include <sys/stat.h>

#include "file_watch.h"

enum { LOOK_MS = 100 };

static bool was_written(struct xen_wake *wake)
{
        struct stat status;
        bool written;

        if (fstat(wake->file, &status))
                return false;
        written = status.st_mtim.tv_sec != wake->written.tv_sec || status.st_mtim.tv_nsec != wake->written.tv_nsec;
        wake->written = status.st_mtim;
        return written;
}

/* Who is told may end all this. */
static void file_look(void *context)
{
        struct xen_wake *wake = context;

        (void)loop_timer_set(wake->loop, LOOK_MS, file_look, wake);
        if (was_written(wake))
                file_watch_tell(wake->file);
}

int xen_wake_begin(struct xen_wake *wake, struct loop *loop, int file)
{
        *wake = (struct xen_wake){.loop = loop, .file = file};
        (void)was_written(wake);
        return loop_timer_set(loop, LOOK_MS, file_look, wake);
}

void xen_wake_end(struct xen_wake *wake)
{
        if (!wake->loop)
                return;
        loop_timer_clear(wake->loop, file_look, wake);
        *wake = (struct xen_wake){0};
}
