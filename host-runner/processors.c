/* SPDX-License-Identifier: BSD-2-Clause */
#include "processors.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };

bool processors_share(unsigned place, unsigned places, cpu_set_t *ret)
{
        cpu_set_t all;
        unsigned count, at = 0;

        CPU_ZERO(ret);
        if (sched_getaffinity(0, sizeof(all), &all) || place >= places || places < 2)
                return false;
        count = (unsigned)CPU_COUNT(&all);
        if (count < places)
                return false;
        for (int i = 0; i < CPU_SETSIZE; i++) {
                if (!CPU_ISSET(i, &all))
                        continue;
                if (at >= place * count / places && at < (place + 1) * count / places)
                        CPU_SET(i, ret);
                at++;
        }
        return true;
}

uint64_t processors_starved(const struct processors_thread *thread, unsigned threads)
{
        uint64_t ran = 0, others;
        unsigned worst = 0;

        for (unsigned i = 0; i < threads; i++) {
                ran += thread[i].ran;
                worst = thread[i].awaited > thread[worst].awaited ? i : worst;
        }
        if (!threads)
                return 0;
        others = ran - thread[worst].ran;
        return thread[worst].awaited > others ? thread[worst].awaited - others : 0;
}

/*
 * The descriptors stay open until the process has been waited for: /proc keeps an entry of whatever was looked up in
 * it, and wait4(2) spins for as long as a thread that is just ending, and has no processor, clears away its own. Here
 * it did for half a minute. What is open is left alone by both.
 */
struct processors_watch {
        DIR *tasks;
        unsigned threads;
        struct {
                long id;
                int fd;
        } thread[THREADS_MAX];
};

struct processors_watch *processors_watch_new(pid_t process)
{
        struct processors_watch *watch = calloc(1, sizeof(*watch));
        char path[40];

        snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
        if (watch)
                watch->tasks = opendir(path);
        if (watch && watch->tasks)
                return watch;
        free(watch);
        return NULL;
}

void processors_watch_free(struct processors_watch *watch)
{
        if (!watch)
                return;
        for (unsigned i = 0; i < watch->threads; i++)
                close(watch->thread[i].fd);
        closedir(watch->tasks);
        free(watch);
}

static bool watch_knows(const struct processors_watch *watch, long id)
{
        for (unsigned i = 0; i < watch->threads; i++)
                if (watch->thread[i].id == id)
                        return true;
        return false;
}

/* Opens what has come since the last look. */
static void watch_look(struct processors_watch *watch)
{
        struct dirent *task;

        rewinddir(watch->tasks);
        while (watch->threads < THREADS_MAX && (task = readdir(watch->tasks))) {
                long id = strtol(task->d_name, NULL, 10);
                char path[64];
                int fd;

                if (id <= 0 || watch_knows(watch, id))
                        continue;
                snprintf(path, sizeof(path), "%ld/schedstat", id);
                fd = openat(dirfd(watch->tasks), path, O_RDONLY | O_CLOEXEC);
                if (fd < 0)
                        continue;
                watch->thread[watch->threads].id = id;
                watch->thread[watch->threads++].fd = fd;
        }
}

/* The first two numbers of its file: see the kernel's sched-stats. False where the thread has ended. */
static bool thread_read(int fd, struct processors_thread *ret)
{
        char line[100];
        ssize_t got = pread(fd, line, sizeof(line) - 1, 0);

        line[got > 0 ? got : 0] = 0;
        return sscanf(line, "%" SCNu64 " %" SCNu64, &ret->ran, &ret->awaited) == 2;
}

uint64_t processors_awaited(struct processors_watch *watch)
{
        struct processors_thread thread[THREADS_MAX];
        unsigned threads = 0;

        if (!watch)
                return 0;
        watch_look(watch);
        for (unsigned i = 0; i < watch->threads; i++)
                threads += thread_read(watch->thread[i].fd, &thread[threads]);
        return processors_starved(thread, threads);
}
