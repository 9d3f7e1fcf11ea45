/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU never outlives the runner: it is started with a death signal, on inherited descriptors, without a path of
 * ours. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "processors.h"
#include "qemu_private.h"
#include "text.h"

enum { SAID = 300 };

/* Starting -------------------------------------------------------------------------------------------------------- */

static void child_keep(int fd)
{
        if (fd >= 0)
                fcntl(fd, F_SETFD, 0);
}

/* In the child: only async-signal-safe calls. */
static void child_run(struct vm *vm, char *const environment[], pid_t parent, int qmp, int virtio_console, int keyboard,
                      int console, int error)
{
        static const char none[] = " is not installed: no folder of PATH has it\n";
        sigset_t all;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        sigfillset(&all);
        sigprocmask(SIG_UNBLOCK, &all, NULL);
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
        if (CPU_COUNT(&vm->config.processors)) /* refused: it is slower, and no different */
                (void)sched_setaffinity(0, sizeof(vm->config.processors), &vm->config.processors);
        child_keep(qmp);
        child_keep(virtio_console);
        if (vm->config.image) {
                child_keep(vm->config.image->base);
                child_keep(vm->config.image->overlay);
        } else {
                child_keep(vm->config.disk);
        }
        child_keep(vm->config.other_disk);
        child_keep(vm->config.blank_disk);
        child_keep(vm->config.store);
        child_keep(vm->flash_map[0]);
        child_keep(vm->flash_map[1]);
        child_keep(vm->config.hot_disk);
        child_keep(vm->config.memory_log);
        child_keep(vm->config.incoming);
        child_keep(vm->config.frozen ? vm->config.frozen->memory : -1);
        dup2(keyboard, 0);
        dup2(console, 1);
        dup2(error, 2);
        setpgid(0, 0);
        execvpe(vm->word[0], vm->word, environment);
        if (errno == ENOENT && (write(2, vm->word[0], strlen(vm->word[0])) < 0 || write(2, none, sizeof(none) - 1) < 0))
                _exit(126);
        _exit(127);
}

static void console_readable(void *context, short events)
{
        struct vm *vm = context;
        char bytes[CONSOLE_PIPE];
        ssize_t got = read(vm->console_fd, bytes, sizeof(bytes));

        (void)events;
        if (got > 0)
                vm->console(vm->context, bytes, (size_t)got);
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
                loop_unwatch(vm->loop, vm->console_fd);
}

/* What it writes is for one case to be found again: in pieces, and none longer than an event. */
static void virtio_console_readable(void *context, short events)
{
        struct vm *vm = context;
        uint8_t bytes[64];
        char text[4 * sizeof(bytes) + 1];
        ssize_t got = read(vm->virtio_console_fd, bytes, sizeof(bytes));

        (void)events;
        if (got > 0) {
                text_escape(text, sizeof(text), bytes, (size_t)got);
                vm->event(vm->context, VM_VIRTIO_CONSOLE, text);
        } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
                loop_unwatch(vm->loop, vm->virtio_console_fd);
        }
}

/* What it said first and what it said last stay: the one tells why it does not start, the other why it aborts. */
static size_t said_room(struct vm *vm)
{
        enum { HALF = STDERR_KEPT / 2, NEWEST = HALF / 2 };

        if (vm->said_size == sizeof(vm->said) - 1) {
                memmove(vm->said + HALF, vm->said + vm->said_size - NEWEST, NEWEST);
                vm->said_size = HALF + NEWEST;
                memset(vm->said + vm->said_size, 0, sizeof(vm->said) - vm->said_size);
        }
        return sizeof(vm->said) - 1 - vm->said_size;
}

/* False where there is no more for now. */
static bool said_more(struct vm *vm)
{
        size_t room = said_room(vm);
        ssize_t got = recv(vm->stderr_fd, vm->said + vm->said_size, room, MSG_DONTWAIT);

        if (got > 0)
                vm->said_size += (size_t)got;
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
                loop_unwatch(vm->loop, vm->stderr_fd);
        return got > 0;
}

static void stderr_readable(void *context, short events)
{
        (void)events;
        (void)said_more(context);
}

/* The first or the last line on stderr that is no mere warning, nor one of the stars that GLib aborts behind. */
static void said_find(const struct vm *vm, bool last, char to[SAID])
{
        const char *line = vm->said;
        char text[SAID];

        to[0] = 0;
        while (*line && (last || !*to)) {
                size_t length = strcspn(line, "\n");

                snprintf(text, sizeof(text), "%.*s", (int)length, line);
                if (*text && !strstr(text, "warning: ") && strcmp(text, "**") != 0)
                        memcpy(to, text, sizeof(text));
                line += length + (line[length] == '\n');
        }
}

static bool signal_is_foreign(int number)
{
        return number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
}

static void vm_exited(void *context, short events)
{
        struct vm *vm = context;
        char how[SAID + 60], said[SAID];
        int status = 0;

        (void)events;
        loop_unwatch(vm->loop, vm->pid_fd);
        while (waitpid(vm->pid, &status, 0) < 0 && errno == EINTR)
                ;
        vm->pid = 0;
        qmp_drain(vm->qmp);
        console_readable(vm, POLLIN); /* what it wrote last: the pipe holds no more than one read takes */
        virtio_console_readable(vm, POLLIN);
        while (said_more(vm))
                ;
        said_find(vm, WIFSIGNALED(status), said);
        if (!vm->told_to_end && ((WIFSIGNALED(status) && signal_is_foreign(WTERMSIG(status))) || vm->signalled))
                vm->ended = VM_ENDED_KILLED;
        else if (!qmp_is_ready(vm->qmp) && !vm->told_to_end)
                vm->ended = VM_ENDED_REFUSED;
        if (WIFSIGNALED(status))
                snprintf(how, sizeof(how), "killed by signal %d%s", WTERMSIG(status),
                         vm->cut_off && WTERMSIG(status) == SIGKILL ? " as its QMP connection ended" : "");
        else
                snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(status));
        if (*said)
                snprintf(how + strlen(how), sizeof(how) - strlen(how), ": %s", said);
        vm->event(vm->context, VM_EXITED, how);
}

static void vm_release(struct vm *vm)
{
        if (!vm)
                return;
        if (vm->pid > 0) {
                loop_unwatch(vm->loop, vm->pid_fd);
                kill(vm->pid, SIGKILL);
                while (waitpid(vm->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
                vm->pid = 0;
        }
        processors_watch_free(vm->watch);
        qmp_free(vm->qmp);
        if (vm->console_fd >= 0) {
                loop_unwatch(vm->loop, vm->console_fd);
                close(vm->console_fd);
        }
        if (vm->keyboard_fd >= 0)
                close(vm->keyboard_fd);
        if (vm->virtio_console_fd >= 0) {
                loop_unwatch(vm->loop, vm->virtio_console_fd);
                close(vm->virtio_console_fd);
        }
        if (vm->pid_fd >= 0)
                close(vm->pid_fd);
        if (vm->stderr_fd >= 0) {
                loop_unwatch(vm->loop, vm->stderr_fd);
                close(vm->stderr_fd);
        }
        for (size_t i = 0; i < vm->words; i++)
                free(vm->word[i]);
        free(vm);
}

static int vm_listen(struct vm *vm, struct pairs *pairs)
{
        vm->qmp = qmp_new(vm->loop, pairs->qmp[0], qemu_event, vm);
        if (!vm->qmp)
                return -ENOMEM;
        /* No event comes before the capabilities: a guest that ran earlier could power off without being heard. */
        if (vm->config.incoming >= 0)
                qemu_receive(vm);
        else
                (void)qmp_command(vm->qmp, "cont", NULL, NULL, NULL);
        vm->watch = processors_watch_new(vm->pid);
        vm->pid_fd = (int)syscall(SYS_pidfd_open, vm->pid, 0);
        if (vm->pid_fd < 0)
                return -errno;
        if (loop_watch(vm->loop, vm->pid_fd, POLLIN, vm_exited, vm) ||
            loop_watch(vm->loop, vm->stderr_fd, POLLIN, stderr_readable, vm))
                return -ENOMEM;
        if (loop_watch(vm->loop, vm->virtio_console_fd, POLLIN, virtio_console_readable, vm))
                return -ENOMEM;
        return loop_watch(vm->loop, vm->console_fd, POLLIN, console_readable, vm);
}

/* Forks, and closes what is the child's alone. */
static int vm_fork(struct vm *vm, struct pairs *pairs)
{
        char **environment = qemu_environment();
        pid_t parent = getpid();
        int failed;

        vm->pid = environment ? fork() : -1;
        failed = environment ? errno : ENOMEM;
        if (vm->pid == 0)
                child_run(vm, environment, parent, pairs->qmp[1], pairs->virtio_console[1], pairs->keyboard[0],
                          pairs->console[1], pairs->error[1]);
        free(environment);
        qemu_pairs_close(pairs);
        if (vm->pid < 0)
                close(pairs->qmp[0]);
        return vm->pid < 0 ? -failed : 0;
}

static struct vm *vm_start(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                           vm_console_function *console, void *context, char *error, size_t error_size)
{
        struct vm *vm = calloc(1, sizeof(*vm));
        struct pairs pairs;
        int result = vm ? qemu_pairs_open(&pairs) : -ENOMEM;

        if (result) {
                snprintf(error, error_size, "%s: the VMM cannot be started: %s", config->machine->id,
                         strerror(-result));
                free(vm);
                return NULL;
        }
        *vm = (struct vm){.loop = loop, .event = event, .console = console, .context = context, .config = *config};
        qemu_flash_open(vm);
        vm->pid_fd = -1;
        vm->console_fd = pairs.console[0];
        vm->virtio_console_fd = pairs.virtio_console[0];
        vm->keyboard_fd = pairs.keyboard[1];
        vm->stderr_fd = pairs.error[0];
        result = qemu_words(vm, pairs.qmp[1], pairs.virtio_console[1]);
        if (result) {
                close(pairs.qmp[0]);
                qemu_pairs_close(&pairs);
        } else {
                result = vm_fork(vm, &pairs);
        }
        qemu_flash_close(vm);
        if (!result)
                result = vm_listen(vm, &pairs);
        if (result) {
                snprintf(error, error_size, "%s: the VMM cannot be started: %s", config->machine->id,
                         strerror(-result));
                vm_release(vm);
                return NULL;
        }
        return vm;
}

/* What the runner asks -------------------------------------------------------------------------------------------- */

static int vm_type(struct vm *vm, const void *bytes, size_t size)
{
        ssize_t sent = write(vm->keyboard_fd, bytes, size);

        if (sent < 0)
                return -errno;
        return (size_t)sent == size ? 0 : -EAGAIN;
}

static void vm_end(struct vm *vm, bool hard)
{
        vm->told_to_end = true;
        if (vm->pid > 0 && (hard || qmp_command(vm->qmp, "quit", NULL, NULL, NULL)))
                kill(vm->pid, SIGKILL);
}

static uint64_t vm_awaited(const struct vm *vm)
{
        return processors_awaited(vm->watch);
}

static enum vm_ended vm_how_ended(const struct vm *vm)
{
        return vm->ended;
}

static char *const *vm_command_line(const struct vm *vm)
{
        return vm->word;
}

const struct hypervisor hypervisor_qemu = {
        .start = vm_start,
        .plug = qemu_plug,
        .unplug = qemu_unplug,
        .nudge = qemu_nudge,
        .slow_writes = qemu_slow_writes,
        .press_power = qemu_press_power,
        .type = vm_type,
        .save_memory = qemu_save_memory,
        .migrate = qemu_migrate,
        .awaited = vm_awaited,
        .end = vm_end,
        .how_ended = vm_how_ended,
        .release = vm_release,
        .command_line = vm_command_line,
};
