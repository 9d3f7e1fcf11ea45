/* SPDX-License-Identifier: BSD-2-Clause */
#include "processors.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

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

/* The second number of its file: see the kernel's sched-stats. */
static uint64_t thread_awaited(int tasks, const char *thread)
{
        char path[64], line[100];
        uint64_t ran, awaited;
        int fd;
        ssize_t got;

        snprintf(path, sizeof(path), "%.20s/schedstat", thread);
        fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        got = read(fd, line, sizeof(line) - 1);
        close(fd);
        line[got > 0 ? got : 0] = 0;
        return sscanf(line, "%" SCNu64 " %" SCNu64, &ran, &awaited) == 2 ? awaited : 0;
}

uint64_t processors_awaited(pid_t process)
{
        char path[40];
        struct dirent *thread;
        uint64_t most = 0;
        DIR *tasks;

        snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
        tasks = opendir(path);
        while (tasks && (thread = readdir(tasks))) {
                uint64_t awaited = *thread->d_name == '.' ? 0 : thread_awaited(dirfd(tasks), thread->d_name);

                most = awaited > most ? awaited : most;
        }
        if (tasks)
                closedir(tasks);
        return most;
}
