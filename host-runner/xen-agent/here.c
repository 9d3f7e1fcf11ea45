/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In a control domain that others use, too, the runner's domain has a name that no other has, and disks that are loop
 * devices of the runner's files. However the runner ends, or the agent, both are gone a moment later: the agent
 * destroys the domain when its channel ends, its guard does so where the agent was killed, and a loop device that
 * nobody has open any more is the kernel's to clear.
 *
 * usage: xen-agent NAME firmware=FD [DISK=FD,BLOCK-SIZE]...
 * The runner's channel is standard input; all descriptors are inherited.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/loop.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

enum { TRIES = 64, END_MS = 60000, STEP_MS = 20, PATH_ROOM = 200 };

/* Disks ------------------------------------------------------------------------------------------------------------ */

/* Its number; the device stays open. -1 with errno: another program may take what was free a moment ago. */
static int loop_make(int file, unsigned block)
{
        struct loop_config config = {
                .fd = (unsigned)file, .block_size = block, .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};
        int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number = -1;
        char path[40];

        memcpy(config.info.lo_file_name, "vmspec", sizeof("vmspec"));
        errno = control < 0 ? errno : EBUSY;
        for (int tries = 0; tries < TRIES && control >= 0 && number < 0 && errno == EBUSY; tries++) {
                int device, failed;

                number = ioctl(control, LOOP_CTL_GET_FREE);
                snprintf(path, sizeof(path), "/dev/loop%d", number);
                device = number < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
                if (device >= 0 && ioctl(device, LOOP_CONFIGURE, &config) == 0)
                        break;
                failed = errno;
                if (device >= 0)
                        close(device);
                errno = failed;
                number = -1;
        }
        if (control >= 0)
                close(control);
        return number;
}

/* NAME=FD,BLOCK-SIZE; firmware=FD is a file that the toolstack opens by the agent's own descriptor. */
static bool place_make(const char *word)
{
        char name[20], path[60];
        unsigned block = 0;
        int fd = -1, number, fields = sscanf(word, "%19[^=]=%d,%u", name, &fd, &block);

        if (fields < 2) {
                fprintf(stderr, "'%s': expected NAME=FD or NAME=FD,BLOCK-SIZE\n", word);
                return false;
        }
        if (fields == 2) {
                snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
                return ready_add(name, path);
        }
        number = loop_make(fd, block);
        if (number < 0) {
                fprintf(stderr, "the domain's %s cannot be made a block device: /dev/loop-control: %s\n", name,
                        strerror(errno));
                return false;
        }
        snprintf(path, sizeof(path), "/dev/loop%d", number);
        return ready_add(name, path);
}

/* What is written into an xl.cfg as it is. */
static bool script_add(void)
{
        char path[PATH_ROOM] = "";

        if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0 ||
            path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-")]) {
                fprintf(stderr, "'%s' cannot be named in an xl.cfg: expected letters, digits and /._+-\n", path);
                return false;
        }
        return ready_add("script", path);
}

static bool places_make(int argc, char **argv)
{
        int config = memfd_create("vmspec-xl.cfg", MFD_CLOEXEC);
        char path[60];
        bool whole = config >= 0;

        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), config);
        for (int i = 2; i < argc && whole; i++)
                whole = place_make(argv[i]);
        return whole && ready_add("config", path) && ready_add("name", argv[1]) && script_add();
}

/* Ending ----------------------------------------------------------------------------------------------------------- */

/* What the agent has started and has not ended: a domain may still come of it. */
static bool programs_run(void)
{
        pid_t ended;

        while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
                ;
        return ended == 0;
}

/*
 * The domain of that name is gone when this returns, and all that might make one. A program that creates one is not
 * stopped halfway: what it had made by then would have no name.
 */
static void domain_end(const char *name)
{
        char *destroy[] = {"xl", "destroy", (char *)(uintptr_t)name, NULL};
        struct store store;

        if (store_open(&store))
                return;
        for (int left = END_MS; left > 0; left -= STEP_MS) {
                if (store_domain(&store, name) >= 0)
                        (void)program_finish(destroy);
                else if (!programs_run())
                        break;
                (void)poll(NULL, 0, STEP_MS);
        }
        close(store.fd);
}

/* Serves; its exit status is the agent's, and nothing of the runner's is left. */
static int agent_run(int argc, char **argv)
{
        bool begun = agent_begin(STDIN_FILENO, argv[1]) && places_make(argc, argv);

        if (begun) {
                ready_tell();
                agent_serve();
        }
        domain_end(argv[1]);
        return begun ? 0 : 1;
}

int here_main(int argc, char **argv)
{
        pid_t agent;
        int status = 0;

        if (argc < 3) {
                fprintf(stderr, "usage: xen-agent NAME firmware=FD [DISK=FD,BLOCK-SIZE]...\n");
                return 2;
        }
        (void)close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); /* for the agent alone, and no program that it starts */
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
        agent = fork();
        if (agent == 0)
                return agent_run(argc, argv);
        close(STDIN_FILENO);
        while (agent > 0 && waitpid(agent, &status, 0) < 0 && errno == EINTR)
                ;
        if (agent > 0 && WIFEXITED(status))
                return WEXITSTATUS(status);
        domain_end(argv[1]);
        fprintf(stderr, "the agent was killed\n");
        return 3;
}
