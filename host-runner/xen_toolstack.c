/* SPDX-License-Identifier: BSD-2-Clause */
/* `xl info` tells of this Xen's memory where xl is there, fits this Xen, and may speak with it; else of what is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "text.h"
#include "xen_here.h"

enum { PATIENCE_MS = 20000, SAID = 256 * 1024 };

struct asking {
        struct loop *loop;
        int fd;
        size_t size;
        char said[SAID];
        bool done, late;
};

static void said_more(void *context, short events)
{
        struct asking *asking = context;
        char rest[1024];
        size_t room = sizeof(asking->said) - 1 - asking->size;
        ssize_t got = read(asking->fd, room ? asking->said + asking->size : rest, room ? room : sizeof(rest));

        (void)events;
        if (got > 0 && room)
                asking->size += (size_t)got;
        asking->done = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

static void said_late(void *context)
{
        struct asking *asking = context;

        asking->late = asking->done = true;
}

/* In the child. */
static void xl_run(pid_t parent, int output, const char *command)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || dup2(output, 1) < 0 || dup2(output, 2) < 0)
                _exit(126);
        execlp("xl", "xl", command, (char *)NULL);
        dprintf(2, "it cannot be started: %s: the package xen-utils has it\n", strerror(errno));
        _exit(127);
}

/* All that it says, until it ends. 0 or a negative errno. */
static int xl_hear(struct asking *asking, const char *command)
{
        pid_t parent = getpid(), child;
        int ends[2], result;

        if (pipe2(ends, O_CLOEXEC))
                return -errno;
        child = fork();
        if (child == 0)
                xl_run(parent, ends[1], command);
        result = child < 0 ? -errno : 0;
        close(ends[1]);
        asking->fd = ends[0];
        if (!result)
                result = loop_watch(asking->loop, asking->fd, POLLIN, said_more, asking);
        if (!result)
                result = loop_timer_set(asking->loop, PATIENCE_MS, said_late, asking);
        if (!result)
                result = loop_run(asking->loop, &asking->done);
        close(ends[0]);
        if (child > 0)
                kill(child, SIGKILL); /* where it has not ended by itself */
        while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
        return result;
}

/* The value of a line "KEY   : VALUE"; false where there is no such line. */
static bool value_find(const char *text, const char *key, char *ret, size_t size)
{
        size_t length = strlen(key);

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, length) == 0 && line[length + strspn(line + length, " ")] == ':') {
                        line += length + strspn(line + length, " :");
                        text_escape(ret, size, line, strcspn(line, "\n"));
                        return true;
                }
        }
        return false;
}

/* The first line that says what is wrong, or the first one. */
static void complaint_find(const char *text, char *ret, size_t size)
{
        const char *found = text;

        for (const char *line = text; line; line = strchr(line, '\n')) {
                char copy[200];

                line += *line == '\n';
                snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(line, "\n"), line);
                if (strstr(copy, "rror") || strstr(copy, "ERROR") || strstr(copy, "annot") || strstr(copy, "failed")) {
                        found = line;
                        break;
                }
        }
        text_escape(ret, size, found, strcspn(found, "\n"));
}

static int said_judge(const struct asking *asking, struct xen_toolstack *ret, char *error, size_t error_size)
{
        char memory[40], why[240];

        if (asking->late) {
                snprintf(error, error_size, "xl info has not ended within %d s", PATIENCE_MS / 1000);
                return -ETIMEDOUT;
        }
        if (value_find(asking->said, "xen_version", ret->version, sizeof(ret->version)) &&
            value_find(asking->said, "free_memory", memory, sizeof(memory)))
                return 0;
        complaint_find(asking->said, why, sizeof(why));
        snprintf(error, error_size, "xl info: %s", *why ? why : "it says nothing of this Xen");
        return -EIO;
}

/* To be freed; NULL where it could not be asked, with a negative errno. */
static struct asking *xl_ask(const char *command, int *ret_result)
{
        struct asking *asking = calloc(1, sizeof(*asking));

        *ret_result = -ENOMEM;
        if (asking && (asking->loop = loop_new()))
                *ret_result = xl_hear(asking, command);
        if (asking)
                loop_free(asking->loop);
        if (*ret_result) {
                free(asking);
                return NULL;
        }
        return asking;
}

int xen_toolstack_ask(struct xen_toolstack *ret, char *error, size_t error_size)
{
        int result;
        struct asking *asking = xl_ask("info", &result);

        if (asking)
                result = said_judge(asking, ret, error, error_size);
        else
                snprintf(error, error_size, "xl cannot be started: %s", strerror(-result));
        free(asking);
        return result;
}

bool xen_toolstack_lacks_gicv2(void)
{
        int result;
        struct asking *asking = xl_ask("dmesg", &result);
        bool lacks = asking && strstr(asking->said, "GICv3 initialization") &&
                     !strstr(asking->said, "GICv3 compatible with GICv2");

        free(asking);
        return lacks;
}
