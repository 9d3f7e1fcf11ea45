/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk is put into a container as its users do it: by qemu-img. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edit_disk.h"
#include "suite_disk.h"

static void convert(int from, int to, const char *format) __attribute__((noreturn));
static void convert(int from, int to, const char *format)
{
        char source[40], target[40];

        snprintf(source, sizeof(source), "/proc/self/fd/%d", from);
        snprintf(target, sizeof(target), "/proc/self/fd/%d", to);
        fcntl(from, F_SETFD, 0);
        fcntl(to, F_SETFD, 0);
        execlp("qemu-img", "qemu-img", "convert", "-f", "raw", "-O", format, source, target, (char *)NULL);
        _exit(127);
}

/* A file takes the place of what was in another one. 0 or a negative errno. */
static int file_replace(int with, int fd)
{
        struct stat status;
        off_t at = 0;

        if (fstat(with, &status) || ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
                return -errno;
        while (at < status.st_size) {
                ssize_t sent = sendfile(fd, with, &at, (size_t)(status.st_size - at));

                if (sent <= 0)
                        return sent ? -errno : -EIO;
        }
        return 0;
}

static int container_make(struct edit *edit, const char *format)
{
        int box = private_file(0), status = box < 0 ? box : 0, ended = 0;
        pid_t child = status ? -1 : fork();

        if (child == 0)
                convert(edit->fd, box, format);
        if (!status && (child < 0 || waitpid(child, &ended, 0) != child))
                status = -errno;
        if (!status && (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0))
                status = -EIO;
        if (!status)
                status = file_replace(box, edit->fd);
        if (box >= 0)
                close(box);
        if (status)
                return edit_fail(edit, status, "into-container: qemu-img makes no %s of the disk", format);
        return 0;
}

int edit_into_container(struct edit *edit)
{
        int status = 0;

        for (unsigned i = 1; i < edit->words && !status; i++)
                status = container_make(edit, edit->word[i]);
        return status;
}
