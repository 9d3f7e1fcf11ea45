/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the suite's own faults do to its verdicts: nothing. VMMs are killed, their QMP connections cut, the disk is
 * full, system calls are interrupted, and the runner itself is ended or killed and gone on with, at random moments; a
 * verdict that differs from the undisturbed run's is wrong, one that says ERROR is not. `vmspec-chaos [COUNT]`, 100 by
 * default.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "resume.h"
#include "verdicts.h"

enum { CHILDREN = 16, SMALL_DISK = 200 * 1024 };

static char data[PATH_MAX], work[] = "/tmp/vmspec-chaos-XXXXXX";
static const char machine[] = "aarch64-aavmf-acpi";
static enum verdict reference[CASE_COUNT];
static unsigned faults, wrong, lost, left;
static uint64_t usual; /* nanoseconds of an undisturbed run */

static uint64_t random_below(uint64_t most)
{
        uint64_t value = 0;

        (void)getrandom(&value, sizeof(value), 0);
        return value % most;
}

/* The program under test ------------------------------------------------------------------------------------------- */

static pid_t program_start(const char *folder, bool resume)
{
        pid_t parent = getpid(), child = fork();

        if (child)
                return child;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        {
                char program[PATH_MAX + 16];
                int null = open("/dev/null", O_RDWR | O_CLOEXEC);

                snprintf(program, sizeof(program), "%s/vmspec", data);
                for (int fd = 0; fd < 3; fd++)
                        dup2(null, fd);
                if (resume)
                        execl(program, program, "run", "--resume", folder, (char *)NULL);
                execl(program, program, "run", "--machine", machine, "--case", "VAR-0[1-58]", "--case", "FW-1[23]",
                      "--case", "BOOT-15", "--case", "CPU-1[12]", "--case", "BUS-0[345]", "--case", "CON-01", "--out",
                      folder, (char *)NULL);
        }
        _exit(127);
}

/* Waits for the end of a child at most so long. True where it came. */
static bool program_wait(pid_t child, uint64_t ns)
{
        int fd = (int)syscall(SYS_pidfd_open, child, 0), status;
        struct pollfd poll_fd = {fd, POLLIN, 0};
        uint64_t until = loop_now() + ns;
        bool ended = false;

        while (!ended && loop_now() < until)
                ended = poll(&poll_fd, 1, (int)((until - loop_now()) / 1000000) + 1) > 0;
        close(fd);
        if (ended)
                (void)waitpid(child, &status, 0);
        return ended;
}

static unsigned children_of(pid_t parent, pid_t to[CHILDREN])
{
        char path[64], line[512] = "";
        unsigned count = 0;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
        file = fopen(path, "re");
        if (file && fgets(line, sizeof(line), file))
                for (char *at = line, *end; count < CHILDREN; at = end) {
                        long pid = strtol(at, &end, 10);

                        if (end == at)
                                break;
                        to[count++] = (pid_t)pid;
                }
        if (file)
                fclose(file);
        return count;
}

/* Verdicts --------------------------------------------------------------------------------------------------------- */

/* Compares with the undisturbed run. whole: nothing may be missing either. */
static void verdicts_compare(const char *folder, bool whole, const char *fault)
{
        struct ledger ledger = {0};
        char error[600] = "";
        int result = verdicts_read(folder, &ledger, error, sizeof(error));
        size_t rows = ledger.subjects ? ledger.subject[0].rows : 0;

        if (whole && (result || rows == 0)) {
                fprintf(stderr, "%s: %s\n", fault, error);
                lost++;
        }
        for (size_t i = 0; i < rows; i++) {
                const struct row *row = &ledger.subject[0].row[i];

                if (row->verdict == reference[row->id])
                        continue;
                if (row->verdict == VERDICT_ERROR && !whole)
                        continue;
                fprintf(stderr, "%s: %s: %s, undisturbed %s: %s\n", fault, cases[row->id].name,
                        verdict_name(row->verdict), verdict_name(reference[row->id]), row->reason);
                if (row->verdict == VERDICT_ERROR)
                        lost++;
                else
                        wrong++;
        }
        ledger_free(&ledger);
}

static bool reference_make(void)
{
        struct ledger ledger = {0};
        char folder[PATH_MAX], error[600] = "";
        uint64_t begun = loop_now();
        bool made;

        snprintf(folder, sizeof(folder), "%s/reference", work);
        made = program_wait(program_start(folder, false), UINT64_C(600000000000)) &&
               verdicts_read(folder, &ledger, error, sizeof(error)) == 0 && ledger.subjects == 1;
        usual = loop_now() - begun;
        for (size_t i = 0; made && i < ledger.subject[0].rows; i++) {
                reference[ledger.subject[0].row[i].id] = ledger.subject[0].row[i].verdict;
                made = ledger.subject[0].row[i].verdict != VERDICT_ERROR;
        }
        ledger_free(&ledger);
        if (!made)
                fprintf(stderr, "vmspec-chaos: the undisturbed run failed: %s\n", error);
        return made;
}

/* Faults ----------------------------------------------------------------------------------------------------------- */

/* Lets a random part of a run go by. */
static bool some_time(pid_t child)
{
        return !program_wait(child, random_below(usual));
}

static void fault_vmm_killed(const char *folder)
{
        pid_t child = program_start(folder, false), vmm[CHILDREN];
        unsigned count;

        if (some_time(child)) {
                count = children_of(child, vmm);
                if (count)
                        kill(vmm[random_below(count)], SIGKILL);
                (void)program_wait(child, UINT64_C(600000000000));
        }
        verdicts_compare(folder, false, "VMM killed");
}

/* The VMM's end of the QMP connection is shut down: nobody answers any more. */
static void fault_qmp_closed(const char *folder)
{
        pid_t child = program_start(folder, false), vmm[CHILDREN];
        unsigned count;

        if (some_time(child)) {
                count = children_of(child, vmm);
                for (unsigned i = 0; i < count; i++) {
                        int pid_fd = (int)syscall(SYS_pidfd_open, vmm[i], 0);

                        for (int fd = 3; fd < 64; fd++) {
                                int mine = (int)syscall(SYS_pidfd_getfd, pid_fd, fd, 0);

                                if (mine >= 0 && shutdown(mine, SHUT_RDWR) == 0)
                                        fd = 64;
                                if (mine >= 0)
                                        close(mine);
                        }
                        close(pid_fd);
                }
                (void)program_wait(child, UINT64_C(600000000000));
        }
        verdicts_compare(folder, false, "QMP closed");
}

/* A stopped and continued process has its poll() and reads interrupted. */
static void fault_interrupted(const char *folder)
{
        pid_t child = program_start(folder, false);
        uint64_t until = loop_now() + 4 * usual;

        while (loop_now() < until && !program_wait(child, 2000000)) {
                kill(child, SIGSTOP);
                kill(child, SIGCONT);
                if (loop_now() + 10000000 > until)
                        (void)program_wait(child, UINT64_C(600000000000));
        }
        verdicts_compare(folder, false, "interrupted");
}

static void fault_disk_full(const char *folder)
{
        char options[40];
        pid_t child;

        snprintf(options, sizeof(options), "size=%llu", (unsigned long long)(4096 + random_below(SMALL_DISK)));
        if (mkdir(folder, 0777) || mount("vmspec-chaos", folder, "tmpfs", 0, options)) {
                fprintf(stderr, "vmspec-chaos: no small file system can be made (%s): a full disk was not tried\n",
                        strerror(errno));
                faults--;
                return;
        }
        {
                char inside[PATH_MAX];

                snprintf(inside, sizeof(inside), "%s/run", folder);
                child = program_start(inside, false);
                (void)program_wait(child, UINT64_C(600000000000));
                verdicts_compare(inside, false, "disk full");
        }
        (void)umount(folder);
}

static void fault_runner_ended(const char *folder, int signal)
{
        pid_t child = program_start(folder, false), vmm[CHILDREN];
        struct resumed resumed;
        char error[600];
        unsigned count = 0;

        if (some_time(child)) {
                count = children_of(child, vmm);
                kill(child, signal);
                (void)program_wait(child, UINT64_C(600000000000));
        }
        for (unsigned i = 0; i < count; i++) {
                int fd = (int)syscall(SYS_pidfd_open, vmm[i], 0);
                struct pollfd poll_fd = {fd, POLLIN, 0};

                if (fd >= 0 && poll(&poll_fd, 1, 5000) <= 0) {
                        fprintf(stderr, "runner ended: a VMM outlives it\n");
                        left++;
                }
                if (fd >= 0)
                        close(fd);
        }
        if (resumed_read(folder, &resumed, error, sizeof(error)))
                return; /* it had not begun: there is nothing that could be lost */
        resumed_free(&resumed);
        (void)program_wait(program_start(folder, true), UINT64_C(600000000000));
        verdicts_compare(folder, true, signal == SIGTERM ? "SIGTERM and --resume" : "SIGKILL and --resume");
}

static void fault_runner_terminated(const char *folder)
{
        fault_runner_ended(folder, SIGTERM);
}

static void fault_runner_killed(const char *folder)
{
        fault_runner_ended(folder, SIGKILL);
}

/* The whole -------------------------------------------------------------------------------------------------------- */

static int entry_remove(const char *path, const struct stat *status, int type, struct FTW *at)
{
        (void)status, (void)type, (void)at;
        return remove(path);
}

/* Folders of ours in the temporary folder: none of a run that is over may be left. */
static unsigned folders_left(void)
{
        DIR *folder = opendir("/tmp");
        unsigned count = 0;

        for (struct dirent *entry; folder && (entry = readdir(folder));)
                count += strncmp(entry->d_name, "vmspec-", 7) == 0;
        if (folder)
                closedir(folder);
        return count;
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                void (*make)(const char *folder);
                unsigned share; /* of the count, in percent */
        } kinds[] = {{"VMM killed", fault_vmm_killed, 100},           {"QMP closed", fault_qmp_closed, 20},
                     {"interrupted", fault_interrupted, 10},          {"disk full", fault_disk_full, 20},
                     {"runner SIGTERM", fault_runner_terminated, 50}, {"runner SIGKILL", fault_runner_killed, 50}};
        unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100, before;
        ssize_t length = readlink("/proc/self/exe", data, sizeof(data) - 1);

        data[length > 0 ? length : 0] = 0;
        *(strrchr(data, '/') ? strrchr(data, '/') : data) = 0;
        if (!count || !mkdtemp(work) || !reference_make())
                return 3;
        before = folders_left();
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
                unsigned times = (count * kinds[k].share + 99) / 100;

                for (unsigned i = 0; i < times; i++) {
                        char folder[PATH_MAX];

                        snprintf(folder, sizeof(folder), "%s/run", work);
                        faults++;
                        kinds[k].make(folder);
                        (void)nftw(folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
                        if (isatty(STDERR_FILENO))
                                fprintf(stderr, "\r%s: %u of %u\033[K", kinds[k].name, i + 1, times);
                }
        }
        left += folders_left() - before;
        (void)nftw(work, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
        printf("faults injected %u, wrong verdicts %u, verdicts lost %u, VMs and files left behind %u\n", faults, wrong,
               lost, left);
        return wrong || lost || left ? 1 : 0;
}
