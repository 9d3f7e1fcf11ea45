/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the runner is in the control domain itself, the agent is a process beside it, which stands where the lab's VM
 * stands elsewhere: it has the descriptors of the domain's disks, and ends, and the domain with it, when its channel
 * does. So nothing of a domain outlives the runner, and nothing of it has a name in a file system.
 */
#include "xen_agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "suite_disk.h"
#include "xen_frame.h"
#include "xen_wake.h"

enum { WORDS = 10, SAID = 400 };

/* Here it is the agent. */
struct vm {
        struct loop *loop;
        vm_event_function *event;
        vm_console_function *console;
        void *context;
        struct vm_config config;
        int firmware, image; /* descriptors, -1: none */
        int channel, error;  /* of the agent, as the runner has them */
        int agent_channel, agent_error;
        pid_t pid;
        int pid_fd;
        struct xen_wake wake;
        bool told_to_end;
        enum vm_ended ended;
        char said[SAID]; /* on standard error, as far as there is room */
        size_t said_size;
        char *word[WORDS + 1];
        size_t words;
};

/* Files and words ----------------------------------------------------------------------------------------------------
 */

static int word_add(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int word_add(struct vm *vm, const char *format, ...)
{
        va_list args;
        int length;

        va_start(args, format);
        length = vasprintf(&vm->word[vm->words], format, args);
        va_end(args);
        if (length < 0)
                return -ENOMEM;
        vm->words++;
        return 0;
}

static int disk_add(struct vm *vm, const char *name, int fd, unsigned block)
{
        return fd < 0 ? 0 : word_add(vm, "%s=%d,%u", name, fd, block);
}

/* A name that no other domain has, nor had before. */
static int words_begin(struct vm *vm)
{
        char folder[PATH_MAX];
        uint32_t number = 0;
        int result;

        if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
                return -EIO;
        program_folder(folder);
        result = word_add(vm, "%s/xen-agent", folder);
        if (!result)
                result = word_add(vm, "vmspec-%d-%08x", (int)getpid(), number);
        return result ? result : word_add(vm, "firmware=%d", vm->firmware);
}

static int words_make(struct vm *vm)
{
        const struct vm_config *config = &vm->config;
        unsigned block = config->image ? config->image->block_size : config->setting == SETTING_BLOCKS_4K ? 4096 : 512;
        int result = words_begin(vm);

        if (!result)
                result = disk_add(vm, "disk", config->image ? vm->image : config->disk, block);
        if (!result)
                result = disk_add(vm, "other-disk", config->other_disk, 512);
        if (!result)
                result = disk_add(vm, "blank-disk", config->blank_disk, 512);
        return result ? result : disk_add(vm, "hot-disk", config->hot_disk, 512);
}

static int files_open(struct vm *vm)
{
        const struct vm_config *config = &vm->config;
        int channel[2], error[2];

        vm->firmware = open(config->kernel ? config->kernel : config->machine->code, O_RDONLY | O_CLOEXEC);
        if (vm->firmware < 0)
                return -errno;
        vm->image = config->image ? xen_image_file() : -1;
        if (config->image && vm->image < 0)
                return vm->image;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
                return -errno;
        vm->channel = channel[0];
        vm->agent_channel = channel[1];
        if (pipe2(error, O_CLOEXEC))
                return -errno;
        vm->error = error[0];
        vm->agent_error = error[1];
        return fcntl(vm->error, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

/* In the child. Its descriptors are the agent's alone, and a key that ends the runner does not end it first. */
static void child_run(struct vm *vm)
{
        const int kept[] = {vm->firmware,          vm->image,          vm->config.disk, vm->config.other_disk,
                            vm->config.blank_disk, vm->config.hot_disk};
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_UNBLOCK, &all, NULL);
        signal(SIGXFSZ, SIG_DFL);
        setsid();
        dup2(vm->agent_channel, 0);
        dup2(vm->agent_error, 1);
        dup2(vm->agent_error, 2);
        if (vm->config.image && xen_image_copy(vm->config.image, vm->image))
                _exit(1);
        for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
                if (kept[i] >= 0)
                        fcntl(kept[i], F_SETFD, 0);
        execv(vm->word[0], vm->word);
        dprintf(2, "%s cannot be started: %s\n", vm->word[0], strerror(errno));
        _exit(1);
}

/* What is heard -------------------------------------------------------------------------------------------------------
 */

/* True where there may be more. */
static bool channel_read(struct vm *vm)
{
        char bytes[XEN_FRAME_HEADER + XEN_FRAME_MAX];
        ssize_t got = recv(vm->channel, bytes, sizeof(bytes), MSG_DONTWAIT);

        if (got > 0)
                vm->console(vm->context, bytes, (size_t)got);
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
                loop_unwatch(vm->loop, vm->channel);
        return got > 0;
}

static void channel_readable(void *context, short events)
{
        (void)events;
        (void)channel_read(context);
}

static void error_readable(void *context, short events)
{
        struct vm *vm = context;
        size_t room = sizeof(vm->said) - 1 - vm->said_size;
        char rest[1024];
        ssize_t got = read(vm->error, room ? vm->said + vm->said_size : rest, room ? room : sizeof(rest));

        (void)events;
        if (got > 0 && room)
                vm->said_size += (size_t)got;
        else if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
                loop_unwatch(vm->loop, vm->error);
}

static void agent_exited(void *context, short events)
{
        struct vm *vm = context;
        char how[SAID + 60];
        int status = 0;

        (void)events;
        loop_unwatch(vm->loop, vm->pid_fd);
        while (waitpid(vm->pid, &status, 0) < 0 && errno == EINTR)
                ;
        vm->pid = 0;
        error_readable(vm, POLLIN);
        while (channel_read(vm)) /* what it said last: it says no more */
                ;
        if (!vm->told_to_end)
                vm->ended = WIFEXITED(status) && WEXITSTATUS(status) == 1 ? VM_ENDED_REFUSED : VM_ENDED_KILLED;
        vm->said[strcspn(vm->said, "\n")] = 0;
        if (vm->ended == VM_ENDED_REFUSED && *vm->said)
                snprintf(how, sizeof(how), "%s", vm->said);
        else if (WIFSIGNALED(status))
                snprintf(how, sizeof(how), "the agent was killed by signal %d", WTERMSIG(status));
        else
                snprintf(how, sizeof(how), "exit status %d%s%s", WEXITSTATUS(status), *vm->said ? ": " : "", vm->said);
        vm->event(vm->context, VM_EXITED, how);
}

/* Starting and ending -------------------------------------------------------------------------------------------------
 */

/* It takes what it has of the domain with it, which is awaited. */
static void vm_release(struct vm *vm)
{
        if (!vm)
                return;
        xen_wake_end(&vm->wake);
        if (vm->channel >= 0)
                loop_unwatch(vm->loop, vm->channel);
        private_drop(&vm->channel);
        if (vm->pid > 0) {
                if (vm->pid_fd >= 0)
                        loop_unwatch(vm->loop, vm->pid_fd);
                while (waitpid(vm->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        if (vm->error >= 0)
                loop_unwatch(vm->loop, vm->error);
        private_drop(&vm->error);
        private_drop(&vm->agent_channel);
        private_drop(&vm->agent_error);
        private_drop(&vm->pid_fd);
        private_drop(&vm->firmware);
        private_drop(&vm->image);
        for (size_t i = 0; i < vm->words; i++)
                free(vm->word[i]);
        free(vm);
}

static int vm_listen(struct vm *vm)
{
        vm->pid_fd = (int)syscall(SYS_pidfd_open, vm->pid, 0);
        if (vm->pid_fd < 0)
                return -errno;
        if (loop_watch(vm->loop, vm->pid_fd, POLLIN, agent_exited, vm) ||
            loop_watch(vm->loop, vm->error, POLLIN, error_readable, vm))
                return -ENOMEM;
        if (loop_watch(vm->loop, vm->channel, POLLIN, channel_readable, vm))
                return -ENOMEM;
        return vm->config.image ? 0 : xen_wake_begin(&vm->wake, vm->loop, vm->config.disk);
}

static struct vm *vm_start(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                           vm_console_function *console, void *context, char *error, size_t error_size)
{
        struct vm *vm = calloc(1, sizeof(*vm));
        int result = vm ? 0 : -ENOMEM;

        if (vm) {
                *vm = (struct vm){.loop = loop, .event = event, .console = console, .context = context};
                vm->config = *config;
                vm->firmware = vm->image = vm->channel = vm->error = vm->agent_channel = vm->agent_error = vm->pid_fd =
                        -1;
                result = files_open(vm);
        }
        if (!result)
                result = words_make(vm);
        if (!result) {
                vm->pid = fork();
                if (vm->pid == 0)
                        child_run(vm);
                result = vm->pid < 0 ? -errno : 0;
                private_drop(&vm->agent_channel);
                private_drop(&vm->agent_error);
        }
        if (!result)
                result = vm_listen(vm);
        if (!result)
                return vm;
        snprintf(error, error_size, "%s: the agent cannot be started: %s", config->machine->id, strerror(-result));
        vm_release(vm);
        return NULL;
}

static int vm_type(struct vm *vm, const void *bytes, size_t size)
{
        ssize_t sent = send(vm->channel, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0)
                return -errno;
        return (size_t)sent == size ? 0 : -EAGAIN;
}

/* The domain is paused, and destroyed, whether the guest agrees or not. */
static void vm_end(struct vm *vm, bool hard)
{
        (void)hard;
        vm->told_to_end = true;
        (void)shutdown(vm->channel, SHUT_WR);
}

static enum vm_ended vm_how_ended(const struct vm *vm)
{
        return vm->ended;
}

static char *const *vm_command_line(const struct vm *vm)
{
        return (char *const *)vm->word;
}

/* Xen tells nobody for how long a domain waited. */
static uint64_t vm_awaited(const struct vm *vm)
{
        (void)vm;
        return 0;
}

static void vm_slow_writes(struct vm *vm, vm_reply_function *reply, void *context)
{
        (void)vm;
        reply(context, "the disk of a domain is as fast as it is");
}

const struct hypervisor xen_agent = {
        .start = vm_start,
        .slow_writes = vm_slow_writes,
        .type = vm_type,
        .awaited = vm_awaited,
        .end = vm_end,
        .how_ended = vm_how_ended,
        .release = vm_release,
        .command_line = vm_command_line,
};
