/* SPDX-License-Identifier: BSD-2-Clause */
#include "processors.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
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

/* The first two numbers of its file: see the kernel's sched-stats. */
static bool thread_read(int tasks, const char *name, struct processors_thread *ret)
{
        char path[64], line[100];
        ssize_t got;
        int fd;

        snprintf(path, sizeof(path), "%.20s/schedstat", name);
        fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        got = read(fd, line, sizeof(line) - 1);
        close(fd);
        line[got > 0 ? got : 0] = 0;
        return sscanf(line, "%" SCNu64 " %" SCNu64, &ret->ran, &ret->awaited) == 2;
}

uint64_t processors_awaited(pid_t process)
{
        struct processors_thread thread[THREADS_MAX];
        struct dirent *task;
        unsigned threads = 0;
        char path[40];
        DIR *tasks;

        snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
        tasks = opendir(path);
        while (tasks && threads < THREADS_MAX && (task = readdir(tasks)))
                threads += *task->d_name != '.' && thread_read(dirfd(tasks), task->d_name, &thread[threads]);
        if (tasks)
                closedir(tasks);
        return processors_starved(thread, threads);
}
