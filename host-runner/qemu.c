/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU never outlives the runner: it is started with a death signal, on inherited descriptors, without a path of ours. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hypervisor.h"
#include "qmp.h"

enum { WORDS = 160, STDERR_KEPT = 400, CONSOLE_PIPE = 256 * 1024 };

const char *const vm_network_mac = "52:54:00:76:6d:73";

struct vm {
        struct loop *loop;
        vm_event_function *event;
        vm_console_function *console;
        void *context;
        pid_t pid;
        int pid_fd;
        int console_fd;  /* what comes out of the guest's console */
        int keyboard_fd; /* what goes into it */
        int stderr_fd;
        struct qmp *qmp;
        struct vm_config config;
        char *word[WORDS + 1];
        size_t words;
        char said[STDERR_KEPT]; /* the end of what it wrote to stderr */
};

/* The command line ------------------------------------------------------------------------------------------------ */

static void word_add(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void word_add(struct vm *vm, const char *format, ...)
{
        va_list args;

        if (vm->words == WORDS)
                return;
        va_start(args, format);
        if (vasprintf(&vm->word[vm->words], format, args) >= 0)
                vm->words++;
        va_end(args);
}

static void words_machine(struct vm *vm)
{
        const struct machine *machine = vm->config.machine;
        char gic[32] = "";

        if (vm->config.gic)
                snprintf(gic, sizeof(gic), ",gic-version=%u", vm->config.gic);
        word_add(vm, "qemu-system-%s", machine->arch);
        word_add(vm, "-nodefaults");
        word_add(vm, "-no-user-config");
        word_add(vm, "-no-shutdown");
        word_add(vm, "-display");
        word_add(vm, "none");
        word_add(vm, "-machine");
        word_add(vm, "%s%s%s%s", machine->type, gic, *machine->options ? "," : "", machine->options);
        word_add(vm, "-accel");
        word_add(vm, "%s", strcmp(vm->config.accelerator, "tcg") == 0 ? "tcg,thread=multi" : vm->config.accelerator);
        if (*machine->cpu) {
                word_add(vm, "-cpu");
                word_add(vm, "%s", machine->cpu);
        }
        word_add(vm, "-smp");
        word_add(vm, "%u", machine->processors);
        word_add(vm, "-m");
        word_add(vm, "%u", machine->memory);
        word_add(vm, "-boot");
        word_add(vm, "menu=on,splash-time=0");
}

static void words_firmware(struct vm *vm)
{
        const struct machine *machine = vm->config.machine;

        if (machine->firmware == FIRMWARE_BIOS) {
                word_add(vm, "-bios");
                word_add(vm, "%s", machine->code);
                return;
        }
        word_add(vm, "-drive");
        word_add(vm, "if=pflash,unit=0,format=raw,readonly=on,file=%s", machine->code);
        if (vm->config.store < 0)
                return;
        word_add(vm, "-drive");
        word_add(vm, "if=pflash,unit=1,format=raw%s%s,file=/proc/self/fd/%d",
                 machine->store == STORE_SNAPSHOT ? ",snapshot=on" : "",
                 machine->store == STORE_READ_ONLY ? ",readonly=on" : "", vm->config.store);
}

static void words_devices(struct vm *vm, int qmp)
{
        const struct machine *machine = vm->config.machine;

        word_add(vm, "-chardev");
        word_add(vm, "socket,id=qmp,fd=%d", qmp);
        word_add(vm, "-mon");
        word_add(vm, "chardev=qmp,mode=control");
        word_add(vm, "-chardev");
        word_add(vm, "stdio,id=console,signal=off");
        word_add(vm, "-serial");
        word_add(vm, "chardev:console");
        word_add(vm, "-blockdev");
        word_add(vm, "driver=raw,node-name=disk,file.driver=file,file.filename=/proc/self/fd/%d", vm->config.disk);
        word_add(vm, "-device");
        word_add(vm, "%s,drive=disk", machine->disk_device);
        if (vm->config.hot_disk >= 0) {
                word_add(vm, "-blockdev");
                word_add(vm, "driver=raw,node-name=hot-disk,file.driver=file,file.filename=/proc/self/fd/%d",
                         vm->config.hot_disk);
                word_add(vm, "-netdev");
                word_add(vm, "hubport,id=hot-net,hubid=0");
        }
        for (size_t i = 0; i < machine->arguments; i++)
                word_add(vm, "%s", machine->argument[i]);
}

/* Starting -------------------------------------------------------------------------------------------------------- */

static void child_keep(int fd)
{
        if (fd >= 0)
                fcntl(fd, F_SETFD, 0);
}

/* In the child: only async-signal-safe calls. */
static void child_run(struct vm *vm, pid_t parent, int qmp, int keyboard, int console, int error)
{
        static const char none[] = "vmspec: the program is not installed\n";
        sigset_t all;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        sigfillset(&all);
        sigprocmask(SIG_UNBLOCK, &all, NULL);
        child_keep(qmp);
        child_keep(vm->config.disk);
        child_keep(vm->config.store);
        child_keep(vm->config.hot_disk);
        child_keep(vm->config.memory_log);
        dup2(keyboard, 0);
        dup2(console, 1);
        dup2(error, 2);
        setpgid(0, 0);
        execvp(vm->word[0], vm->word);
        if (errno == ENOENT && write(2, none, sizeof(none) - 1) < 0)
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

static void vm_exited(void *context, short events)
{
        struct vm *vm = context;
        char how[STDERR_KEPT + 100];
        int status = 0;

        (void)events;
        loop_unwatch(vm->loop, vm->pid_fd);
        if (waitpid(vm->pid, &status, 0) != vm->pid)
                status = 0;
        vm->pid = 0;
        console_readable(vm, POLLIN); /* what it wrote last: the pipe holds no more than one read takes */
        if (vm->stderr_fd >= 0) {
                ssize_t got = recv(vm->stderr_fd, vm->said, sizeof(vm->said) - 1, MSG_DONTWAIT);

                if (got > 0)
                        vm->said[got] = 0;
        }
        if (WIFSIGNALED(status))
                snprintf(how, sizeof(how), "killed by signal %d", WTERMSIG(status));
        else if (WEXITSTATUS(status))
                snprintf(how, sizeof(how), "exit status %d: %s", WEXITSTATUS(status), vm->said);
        else
                snprintf(how, sizeof(how), "exit status 0");
        how[strcspn(how, "\n")] = 0;
        vm->event(vm->context, VM_EXITED, how);
}

static void qmp_event(void *context, const char *name, const json_t *data)
{
        struct vm *vm = context;
        const char *reason = json_string_value(json_object_get(data, "reason"));
        const char *device = json_string_value(json_object_get(data, "device"));

        if (strcmp(name, "RESET") == 0)
                vm->event(vm->context, json_is_true(json_object_get(data, "guest")) ? VM_RESET : VM_OTHER,
                          reason ? reason : "");
        else if (strcmp(name, "SHUTDOWN") == 0)
                vm->event(vm->context, json_is_true(json_object_get(data, "guest")) ? VM_SHUTDOWN : VM_OTHER,
                          reason ? reason : "");
        else if (strcmp(name, "STOP") == 0)
                vm->event(vm->context, VM_STOPPED, "STOP");
        else if (strcmp(name, "GUEST_PANICKED") == 0)
                vm->event(vm->context, VM_STOPPED, "GUEST_PANICKED");
        else if (strcmp(name, "DEVICE_DELETED") == 0 && device)
                vm->event(vm->context, VM_DEVICE_GONE, device);
        else
                vm->event(vm->context, VM_OTHER, name);
}

static void vm_release(struct vm *vm)
{
        if (!vm)
                return;
        if (vm->pid > 0) {
                loop_unwatch(vm->loop, vm->pid_fd);
                kill(vm->pid, SIGKILL);
                waitpid(vm->pid, NULL, 0);
                vm->pid = 0;
        }
        qmp_free(vm->qmp);
        if (vm->console_fd >= 0) {
                loop_unwatch(vm->loop, vm->console_fd);
                close(vm->console_fd);
        }
        if (vm->keyboard_fd >= 0)
                close(vm->keyboard_fd);
        if (vm->pid_fd >= 0)
                close(vm->pid_fd);
        if (vm->stderr_fd >= 0)
                close(vm->stderr_fd);
        for (size_t i = 0; i < vm->words; i++)
                free(vm->word[i]);
        free(vm);
}

struct pairs {
        int qmp[2];
        int error[2];
        int console[2];  /* a pipe: [1] is the guest's */
        int keyboard[2]; /* a pipe: [0] is the guest's */
};

static void pair_close(int pair[2])
{
        for (int i = 0; i < 2; i++)
                if (pair[i] >= 0)
                        close(pair[i]);
}

/*
 * The console goes through pipes: a socket counts every single byte that a UART writes as a packet of its own, fills
 * up after some hundred of them, and a firmware that meets a full UART drops what it wanted to say.
 */
static int pairs_open(struct pairs *pairs)
{
        int failed;

        *pairs = (struct pairs){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs->qmp) == 0 &&
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs->error) == 0 &&
            pipe2(pairs->console, O_CLOEXEC) == 0 && pipe2(pairs->keyboard, O_CLOEXEC) == 0) {
                fcntl(pairs->console[0], F_SETFL, O_NONBLOCK);
                fcntl(pairs->keyboard[1], F_SETFL, O_NONBLOCK);
                (void)fcntl(pairs->console[1], F_SETPIPE_SZ, CONSOLE_PIPE);
                return 0;
        }
        failed = errno;
        pair_close(pairs->qmp);
        pair_close(pairs->error);
        pair_close(pairs->console);
        pair_close(pairs->keyboard);
        return -failed;
}

static int vm_listen(struct vm *vm, struct pairs *pairs)
{
        vm->qmp = qmp_new(vm->loop, pairs->qmp[0], qmp_event, vm);
        if (!vm->qmp) {
                close(pairs->qmp[0]);
                return -ENOMEM;
        }
        vm->pid_fd = (int)syscall(SYS_pidfd_open, vm->pid, 0);
        if (vm->pid_fd < 0)
                return -errno;
        if (loop_watch(vm->loop, vm->pid_fd, POLLIN, vm_exited, vm))
                return -ENOMEM;
        return loop_watch(vm->loop, vm->console_fd, POLLIN, console_readable, vm);
}

static struct vm *vm_start(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                           vm_console_function *console, void *context, char *error, size_t error_size)
{
        struct vm *vm = calloc(1, sizeof(*vm));
        struct pairs pairs;
        pid_t parent = getpid();
        int result = vm ? pairs_open(&pairs) : -ENOMEM;

        if (result) {
                snprintf(error, error_size, "%s: cannot be started: %s", config->machine->id, strerror(-result));
                free(vm);
                return NULL;
        }
        *vm = (struct vm){.loop = loop, .event = event, .console = console, .context = context, .config = *config};
        vm->pid_fd = -1;
        vm->console_fd = pairs.console[0];
        vm->keyboard_fd = pairs.keyboard[1];
        vm->stderr_fd = pairs.error[0];
        words_machine(vm);
        words_firmware(vm);
        words_devices(vm, pairs.qmp[1]);
        vm->pid = fork();
        if (vm->pid == 0)
                child_run(vm, parent, pairs.qmp[1], pairs.keyboard[0], pairs.console[1], pairs.error[1]);
        close(pairs.qmp[1]);
        close(pairs.console[1]);
        close(pairs.keyboard[0]);
        close(pairs.error[1]);
        if (vm->pid < 0)
                close(pairs.qmp[0]);
        result = vm->pid < 0 ? -errno : vm_listen(vm, &pairs);
        if (result) {
                snprintf(error, error_size, "%s: %s cannot be started: %s", config->machine->id, vm->word[0],
                         strerror(-result));
                vm_release(vm);
                return NULL;
        }
        return vm;
}

/* What the runner asks -------------------------------------------------------------------------------------------- */

struct asked {
        vm_reply_function *reply;
        void *context;
};

static void asked_reply(void *context, const json_t *value, const char *error)
{
        struct asked *asked = context;

        (void)value;
        asked->reply(asked->context, error);
        free(asked);
}

static void vm_ask(struct vm *vm, const char *command, json_t *arguments, vm_reply_function *reply, void *context)
{
        struct asked *asked = malloc(sizeof(*asked));

        if (!asked) {
                json_decref(arguments);
                reply(context, "out of memory");
                return;
        }
        *asked = (struct asked){reply, context};
        if (qmp_command(vm->qmp, command, arguments, asked_reply, asked))
                asked_reply(asked, NULL, "the VMM cannot be reached");
}

static const char *device_name(enum vm_device device)
{
        return device == VM_DEVICE_BLOCK ? "blk" : "net";
}

static void vm_plug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context)
{
        json_t *arguments = device == VM_DEVICE_BLOCK
                                    ? json_pack("{s:s, s:s, s:s}", "driver", "virtio-blk-pci", "drive", "hot-disk", "id",
                                                device_name(device))
                                    : json_pack("{s:s, s:s, s:s, s:s, s:s}", "driver", "virtio-net-pci", "netdev",
                                                "hot-net", "mac", vm_network_mac, "romfile", "", "id",
                                                device_name(device));

        if (*vm->config.machine->hotplug_bus)
                json_object_set_new(arguments, "bus", json_string(vm->config.machine->hotplug_bus));
        vm_ask(vm, "device_add", arguments, reply, context);
}

static void vm_unplug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context)
{
        vm_ask(vm, "device_del", json_pack("{s:s}", "id", device_name(device)), reply, context);
}

static void vm_save_memory(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context)
{
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", vm->config.memory_log);
        vm_ask(vm, "pmemsave",
               json_pack("{s:I, s:I, s:s}", "val", (json_int_t)address, "size", (json_int_t)size, "filename", path),
               reply, context);
}

static int vm_type(struct vm *vm, const void *bytes, size_t size)
{
        ssize_t sent = write(vm->keyboard_fd, bytes, size);

        if (sent < 0)
                return -errno;
        return (size_t)sent == size ? 0 : -EAGAIN;
}

static void vm_end(struct vm *vm, bool hard)
{
        if (vm->pid > 0 && (hard || qmp_command(vm->qmp, "quit", NULL, NULL, NULL)))
                kill(vm->pid, SIGKILL);
}

static char *const *vm_command_line(const struct vm *vm)
{
        return vm->word;
}

const struct hypervisor hypervisor_qemu = {
        .start = vm_start,
        .plug = vm_plug,
        .unplug = vm_unplug,
        .type = vm_type,
        .save_memory = vm_save_memory,
        .end = vm_end,
        .release = vm_release,
        .command_line = vm_command_line,
};
