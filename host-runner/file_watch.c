/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One inotify(7) instance for all files of the process, which is never closed: closing one waits until no process of
 * the host is in the middle of telling a write to any file, and one of those may be a background job that gets no
 * processor on a busy host. Here close(2) took four minutes so. To end a watch of an instance waits for nobody.
 */
#include "file_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { LISTENERS = 32, EVENTS = 16384 }; /* 16 lanes at once have at most 2 each */

struct listener {
        file_watch_function *function; /* NULL: free */
        void *context;
        int fd;
        int watch;
        bool due;
};

static struct {
        int fd;
        pid_t process;     /* a child has one of its own; 0: none yet */
        struct loop *loop; /* that hears it, as long as anybody listens */
        unsigned listeners;
        struct listener listener[LISTENERS];
} instance;

static struct listener *listener_find(file_watch_function *function, const void *context)
{
        for (unsigned i = 0; i < LISTENERS; i++)
                if (instance.listener[i].function == function && instance.listener[i].context == context)
                        return &instance.listener[i];
        return NULL;
}

/* watch below 0: all. */
static void watch_written(int watch)
{
        for (unsigned i = 0; i < LISTENERS; i++)
                instance.listener[i].due |= watch < 0 || instance.listener[i].watch == watch;
}

static void due_call(void)
{
        for (unsigned i = 0; i < LISTENERS; i++) {
                struct listener *listener = &instance.listener[i];

                if (!listener->function || !listener->due)
                        continue;
                listener->due = false;
                listener->function(listener->context);
        }
}

/* One read per turn of the loop: a guest that writes all the time must not keep the runner here. */
static void written(void *context, short events)
{
        static char changes[EVENTS] __attribute__((aligned(__alignof__(struct inotify_event))));
        ssize_t got = read(instance.fd, changes, sizeof(changes));
        const struct inotify_event *event;

        (void)context;
        (void)events;
        for (ssize_t at = 0; at < got; at += (ssize_t)(sizeof(*event) + event->len)) {
                event = (const struct inotify_event *)(changes + at);
                if (event->mask & (IN_MODIFY | IN_Q_OVERFLOW)) /* the latter is of no watch: of all */
                        watch_written(event->wd);
        }
        due_call();
}

/* What a parent process had stays the parent's. */
static int instance_open(void)
{
        if (instance.process == getpid())
                return 0;
        instance = (typeof(instance)){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
        if (instance.fd < 0)
                return -errno;
        instance.process = getpid();
        return 0;
}

int file_watch_begin(struct loop *loop, int fd, file_watch_function *function, void *context)
{
        int result = instance_open(), watch;
        struct listener *place;
        char path[40];

        if (result)
                return result;
        if (instance.listeners && instance.loop != loop)
                return -EBUSY;
        place = listener_find(NULL, NULL);
        if (!place)
                return -ENOMEM;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        watch = inotify_add_watch(instance.fd, path, IN_MODIFY);
        if (watch < 0)
                return -errno;
        if (!instance.listeners && loop_watch(loop, instance.fd, POLLIN, written, NULL)) {
                (void)inotify_rm_watch(instance.fd, watch);
                return -ENOMEM;
        }
        instance.loop = loop;
        instance.listeners++;
        *place = (struct listener){.function = function, .context = context, .fd = fd, .watch = watch};
        return 0;
}

void file_watch_tell(int fd)
{
        if (instance.process != getpid())
                return;
        for (unsigned i = 0; i < LISTENERS; i++)
                instance.listener[i].due |= instance.listener[i].fd == fd;
        due_call();
}

void file_watch_end(file_watch_function *function, const void *context)
{
        struct listener *listener = instance.process == getpid() ? listener_find(function, context) : NULL;
        int watch = listener ? listener->watch : -1;
        bool shared = false;

        if (!listener)
                return;
        *listener = (struct listener){0};
        for (unsigned i = 0; i < LISTENERS; i++)
                shared |= instance.listener[i].function && instance.listener[i].watch == watch;
        if (!shared)
                (void)inotify_rm_watch(instance.fd, watch);
        if (--instance.listeners == 0)
                loop_unwatch(instance.loop, instance.fd);
}
