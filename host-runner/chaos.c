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
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "program.h"
#include "resume.h"
#include "run.h"
#include "scratch.h"
#include "verdicts.h"

enum { CHILDREN = 16, SMALL_DISK = 200 * 1024, STORM_US = 1000, END_MS = 5000 };

#define LATEST UINT64_C(600000000000) /* nanoseconds that any program may take */

static char data[PATH_MAX], temporary[PATH_MAX];
static const char machine[] = "aarch64-aavmf-acpi";
static enum verdict reference[CASE_COUNT];
static bool selected[CASE_COUNT];
static unsigned faults, wrong, lost, left;
static uint64_t usual; /* nanoseconds of an undisturbed run */

static uint64_t random_below(uint64_t most)
{
        uint64_t value = 0;

        (void)getrandom(&value, sizeof(value), 0);
        return value % most;
}

/* The program under test ------------------------------------------------------------------------------------------- */

/* A child that ends with us, and says nothing. True in the child. */
static bool child_make(pid_t *ret)
{
        pid_t parent = getpid();

        *ret = fork();
        if (*ret)
                return false;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        for (int fd = 0, null = open("/dev/null", O_RDWR | O_CLOEXEC); fd < 3; fd++)
                dup2(null, fd);
        return true;
}

static pid_t program_start(char *const words[])
{
        char program[PATH_MAX + 16];
        pid_t child;

        if (!child_make(&child))
                return child;
        snprintf(program, sizeof(program), "%s/vmspec", data);
        execv(program, words);
        _exit(127);
}

static pid_t run_start(const char *folder)
{
        return program_start((char *[]){"vmspec", "run", "--machine", (char *)machine, "--case", "VAR-0[1-58]",
                                        "--case", "FW-1[23]", "--case", "BOOT-15", "--case", "CPU-1[12]", "--case",
                                        "BUS-0[345]", "--case", "CON-01", "--out", (char *)folder, NULL});
}

static void signal_ignore(int number)
{
        (void)number;
}

/* The runner inside a storm: a signal every millisecond, whose handler lets no system call be restarted. */
static pid_t storm_start(const char *folder)
{
        struct itimerval every = {{0, STORM_US}, {0, STORM_US}};
        struct sigaction action = {.sa_handler = signal_ignore};
        const struct machine *chosen[2] = {NULL};
        struct machines machines = {0};
        struct run_figures figures;
        char error[600], path[PATH_MAX + 16];
        pid_t child;

        if (!child_make(&child))
                return child;
        signal(SIGPIPE, SIG_IGN);
        snprintf(path, sizeof(path), "%s/machines", data);
        if (machines_read(path, &machines, error, sizeof(error)) == 0)
                chosen[0] = machines_find(&machines, machine);
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &every, NULL);
        _exit(!chosen[0] || run_machines(&(struct run_options){.machine = chosen,
                                                               .selected = selected,
                                                               .jobs = 2,
                                                               .folder = folder,
                                                               .data = data,
                                                               .known = &machines,
                                                               .quiet = true},
                                         &figures, error, sizeof(error)));
}

/* Waits for the end of a process at most so long; a child is reaped. True where it came. */
static bool program_wait(pid_t child, uint64_t ns)
{
        int fd = (int)syscall(SYS_pidfd_open, child, 0);
        struct pollfd poll_fd = {fd, POLLIN, 0};
        uint64_t until = loop_now() + ns;
        bool ended = fd < 0;

        while (!ended && loop_now() < until)
                ended = poll(&poll_fd, 1, (int)((until - loop_now()) / 1000000) + 1) > 0;
        if (fd >= 0)
                close(fd);
        if (ended)
                (void)waitpid(child, NULL, 0);
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

/* What a program that is over started came to us: it ends by itself, and leaves no file. */
static void remains_count(const char *fault)
{
        pid_t child[CHILDREN];
        DIR *folder = opendir(temporary);
        unsigned count = children_of(getpid(), child);

        for (unsigned i = 0; i < count; i++)
                if (!program_wait(child[i], END_MS * UINT64_C(1000000))) {
                        fprintf(stderr, "%s: process %d is left behind\n", fault, (int)child[i]);
                        left++;
                        kill(child[i], SIGKILL);
                }
        for (struct dirent *entry; folder && (entry = readdir(folder));)
                if (entry->d_name[0] != '.') {
                        fprintf(stderr, "%s: %s is left behind\n", fault, entry->d_name);
                        left++;
                }
        if (folder)
                closedir(folder);
}

/* Verdicts --------------------------------------------------------------------------------------------------------- */

enum heard {
        HEARD_SOME,    /* not even the journal's end need be there */
        HEARD_TO_END,  /* the journal is whole, and verdicts may be ERROR */
        HEARD_AS_EVER, /* nothing may be missing either */
};

/* Compares with the undisturbed run. */
static void verdicts_compare(const char *folder, enum heard heard, const char *fault)
{
        struct ledger ledger = {0};
        char error[600] = "";
        int result = verdicts_read(folder, &ledger, error, sizeof(error));
        size_t rows = ledger.subjects ? ledger.subject[0].rows : 0;

        if (heard != HEARD_SOME && (result || rows == 0)) {
                fprintf(stderr, "%s: %s\n", fault, error);
                lost++;
        }
        for (size_t i = 0; i < rows; i++) {
                const struct row *row = &ledger.subject[0].row[i];

                if (row->verdict == reference[row->id])
                        continue;
                if (row->verdict == VERDICT_ERROR && heard != HEARD_AS_EVER)
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

static bool reference_make(const char *work)
{
        struct ledger ledger = {0};
        char folder[PATH_MAX + 16], error[600] = "";
        uint64_t begun = loop_now();
        bool made;

        snprintf(folder, sizeof(folder), "%s/reference", work);
        made = program_wait(run_start(folder), LATEST) && verdicts_read(folder, &ledger, error, sizeof(error)) == 0 &&
               ledger.subjects == 1;
        usual = loop_now() - begun;
        for (size_t i = 0; made && i < ledger.subject[0].rows; i++) {
                const struct row *row = &ledger.subject[0].row[i];

                reference[row->id] = row->verdict;
                selected[row->id] = true;
                made = row->verdict != VERDICT_ERROR && row->verdict != VERDICT_SKIP;
        }
        ledger_free(&ledger);
        if (!made)
                fprintf(stderr, "vmspec-chaos: the undisturbed run failed: %s\n", error);
        return made;
}

/* Faults ----------------------------------------------------------------------------------------------------------- */

struct kind {
        const char *name;
        void (*make)(const char *folder, const struct kind *kind);
        unsigned share; /* of the count, in percent */
        int signal;     /* 0: none */
};

/* Lets a random part of a run go by. False where it is over. */
static bool some_time(pid_t child)
{
        return !program_wait(child, random_below(usual));
}

/* The VMM's end of its QMP connection, the first socket that it was given, is shut down. */
static void connection_cut(pid_t vmm)
{
        int pid_fd = (int)syscall(SYS_pidfd_open, vmm, 0);
        bool cut = pid_fd < 0;

        for (int fd = 3; fd < 64 && !cut; fd++) {
                int mine = (int)syscall(SYS_pidfd_getfd, pid_fd, fd, 0);

                cut = mine >= 0 && shutdown(mine, SHUT_RDWR) == 0;
                if (mine >= 0)
                        close(mine);
        }
        close(pid_fd);
}

static void fault_vmm(const char *folder, const struct kind *kind)
{
        pid_t child = run_start(folder), vmm[CHILDREN];
        unsigned count;

        if (some_time(child)) {
                count = children_of(child, vmm);
                if (count && kind->signal)
                        kill(vmm[random_below(count)], kind->signal);
                for (unsigned i = 0; i < count && !kind->signal; i++)
                        connection_cut(vmm[i]);
                (void)program_wait(child, LATEST);
        }
        verdicts_compare(folder, HEARD_TO_END, kind->name);
}

static void fault_interrupted(const char *folder, const struct kind *kind)
{
        (void)program_wait(storm_start(folder), LATEST);
        verdicts_compare(folder, HEARD_AS_EVER, kind->name);
}

static void fault_disk_full(const char *folder, const struct kind *kind)
{
        char options[40], inside[PATH_MAX + 16];

        snprintf(options, sizeof(options), "size=%llu", (unsigned long long)(4096 + random_below(SMALL_DISK)));
        if (mkdir(folder, 0777) || mount("vmspec-chaos", folder, "tmpfs", 0, options)) {
                fprintf(stderr, "vmspec-chaos: no small file system can be made (%s): a full disk was not tried\n",
                        strerror(errno));
                faults--;
                return;
        }
        snprintf(inside, sizeof(inside), "%s/run", folder);
        (void)program_wait(run_start(inside), LATEST);
        verdicts_compare(inside, HEARD_SOME, kind->name);
        (void)umount(folder);
}

static void fault_runner_ended(const char *folder, const struct kind *kind)
{
        pid_t child = run_start(folder);
        struct resumed resumed;
        char error[600];

        if (some_time(child)) {
                kill(child, kind->signal);
                (void)program_wait(child, LATEST);
        }
        remains_count(kind->name);
        if (resumed_read(folder, &resumed, error, sizeof(error)))
                return; /* it had not begun: there is nothing that could be lost */
        resumed_free(&resumed);
        (void)program_wait(program_start((char *[]){"vmspec", "run", "--resume", (char *)folder, NULL}), LATEST);
        verdicts_compare(folder, HEARD_AS_EVER, kind->name);
}

/* The self-test has folders of its own. */
static void fault_selftest_ended(const char *folder, const struct kind *kind)
{
        static const int signals[] = {SIGINT, SIGTERM, SIGKILL};
        pid_t child = program_start((char *[]){"vmspec", "selftest", "--defect", "loaded-image-with-options", NULL});

        (void)folder, (void)kind;
        if (some_time(child)) {
                kill(child, signals[random_below(3)]);
                (void)program_wait(child, LATEST);
        }
}

/* The whole -------------------------------------------------------------------------------------------------------- */

static const struct kind kinds[] = {{"VMM killed", fault_vmm, 100, SIGKILL},
                                    {"QMP closed", fault_vmm, 20},
                                    {"system calls interrupted", fault_interrupted, 10},
                                    {"disk full", fault_disk_full, 20},
                                    {"SIGTERM and --resume", fault_runner_ended, 50, SIGTERM},
                                    {"SIGKILL and --resume", fault_runner_ended, 50, SIGKILL},
                                    {"self-test ended", fault_selftest_ended, 10}};

static void fault_make(const struct kind *kind, const char *work)
{
        unsigned before = wrong + lost + left;
        char folder[PATH_MAX + 16];

        snprintf(folder, sizeof(folder), "%s/run-%u", work, ++faults);
        kind->make(folder, kind);
        remains_count(kind->name);
        if (wrong + lost + left > before)
                fprintf(stderr, "%s: the run is kept in %s\n", kind->name, folder);
        else
                folder_remove(folder);
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r%u faults, %u wrong verdicts\033[K", faults, wrong);
}

static void faults_make(unsigned count, const char *work)
{
        for (unsigned i = 0; i < count; i++)
                for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
                        if (i * kinds[k].share % 100 < kinds[k].share)
                                fault_make(&kinds[k], work);
}

int main(int argc, char **argv)
{
        unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
        char work[] = "/tmp/vmspec-chaos-XXXXXX";

        program_folder(data);
        if (!count || !mkdtemp(work))
                return 3;
        snprintf(temporary, sizeof(temporary), "%s/temporary", work);
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        if (mkdir(temporary, 0777) || setenv("TMPDIR", temporary, 1) || !reference_make(work)) {
                folder_remove(work);
                return 3;
        }
        faults_make(count, work);
        if (!wrong && !lost && !left)
                folder_remove(work);
        printf("faults injected %u, wrong verdicts %u, verdicts lost %u, VMs and files left behind %u\n", faults, wrong,
               lost, left);
        return wrong || lost || left ? 1 : 0;
}
