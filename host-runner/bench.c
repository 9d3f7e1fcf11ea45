/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How near a run is to its floor: the boots that it made, at the time of a bare application's first line, by its jobs.
 * A boot in which the application is not to start counts as what it took, and as no more than another one.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "firmware.h"
#include "hypervisor.h"
#include "journal.h"
#include "processors.h"
#include "program.h"
#include "run.h"
#include "scratch.h"
#include "suite_disk.h"

enum { ROUNDS = 5, JOBS = 2, PATIENCE_MS = 60000, ERROR_TEXT = 600 };

struct first_line {
        bool seen;
        bool over;
        uint64_t at;
        unsigned matched; /* of its words */
};

static void bare_event(void *context, enum vm_event event, const char *detail)
{
        struct first_line *line = context;

        (void)detail;
        line->over |= event == VM_EXITED || event == VM_SHUTDOWN;
}

/* The application's first words are "VS1": without a plan on its disk it says so and powers off. */
static void bare_console(void *context, const void *bytes, size_t size)
{
        static const char words[] = "VS1";
        struct first_line *line = context;

        for (size_t i = 0; i < size && !line->seen; i++) {
                line->matched = ((const char *)bytes)[i] == words[line->matched] ? line->matched + 1 : 0;
                if (words[line->matched])
                        continue;
                line->seen = line->over = true;
                line->at = loop_now();
        }
}

static void bare_late(void *context)
{
        ((struct first_line *)context)->over = true;
}

/* Seconds from the VMM's start to the first line; 0 where none came. */
static double bare_boot(const struct machine *machine, const char *suite_disk, unsigned place)
{
        struct loop *loop = loop_new();
        struct first_line line = {0};
        struct suite_disk disk;
        char error[ERROR_TEXT];
        uint64_t begun = loop_now();
        struct vm_config config = vm_config_bare(machine);
        struct vm *vm;

        if (!loop || suite_disk_copy(suite_disk, &disk, error, sizeof(error)))
                return 0;
        config.disk = disk.fd;
        config.store = machine_has_store(machine) ? private_copy(machine->vars) : -1;
        config.memory_log = private_file(0);
        (void)processors_share(place, JOBS, &config.processors); /* as a lane of the run */
        vm = hypervisor_qemu.start(loop, &config, bare_event, bare_console, &line, error, sizeof(error));
        if (vm && loop_timer_set(loop, PATIENCE_MS, bare_late, &line) == 0)
                (void)loop_run(loop, &line.over);
        hypervisor_qemu.release(vm);
        close(disk.fd);
        close(config.memory_log);
        if (config.store >= 0)
                close(config.store);
        loop_free(loop);
        return line.seen ? (double)(line.at - begun) / 1e9 : 0;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
        qsort(values, count, sizeof(*values), by_value);
        return values[count / 2];
}

/* The median of bare boots with so many side by side; 0 where one said nothing. */
static double bare_boots(const struct machine *machine, const char *suite_disk, unsigned beside)
{
        size_t count = (size_t)beside * ROUNDS;
        double *seconds =
                mmap(NULL, count * sizeof(*seconds), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        double result = 0;
        bool all = true;

        if (seconds == MAP_FAILED)
                return 0;
        for (unsigned place = 0; place < beside; place++) {
                pid_t parent = getpid();

                if (fork())
                        continue;
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (unsigned i = 0; i < ROUNDS && getppid() == parent; i++)
                        seconds[place * ROUNDS + i] = bare_boot(machine, suite_disk, place);
                _exit(0);
        }
        while (wait(NULL) >= 0 || errno == EINTR)
                ;
        for (size_t i = 0; i < count; i++)
                all &= seconds[i] > 0;
        if (all)
                result = median(seconds, count);
        munmap(seconds, count * sizeof(*seconds));
        return result;
}

static double cpu_seconds(void)
{
        struct rusage usage;

        getrusage(RUSAGE_SELF, &usage);
        return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long peak_mib(void)
{
        struct rusage usage;

        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss / 1024;
}

/* What waits on purpose: for minutes of guest time, for a slow store, for a boot that does not come ---------------- */

enum { LANES = 128 };

struct waits {
        struct {
                enum route route;
                bool waits;
                uint64_t began, ended;
                uint64_t start; /* of its last boot */
        } lane[LANES];
        unsigned absences; /* boots without the application */
        double absent;     /* seconds until those were given up */
        double floor;      /* the same, but no boot took longer than a bare one */
        double bare;
};

/* The route of the first case of a lane; ROUTE_NONE where it has none. */
static enum route lane_route(const json_t *line)
{
        const json_t *boot = json_array_get(json_object_get(line, "boots"), 0);
        const json_t *part = json_array_get(json_object_get(boot, "parts"), 0);
        const char *name = json_string_value(json_object_get(part, "case"));
        enum case_id id = name ? case_find(name) : CASE_COUNT;

        return id == CASE_COUNT ? ROUTE_NONE : cases[id].route;
}

static int waits_line(void *context, const json_t *line)
{
        struct waits *waits = context;
        const char *event = json_string_value(json_object_get(line, "event"));
        const json_t *number = json_object_get(line, "lane");
        uint64_t ns = (uint64_t)json_integer_value(json_object_get(line, "ns"));
        json_int_t i = json_is_integer(number) ? json_integer_value(number) : LANES;

        if (!event || i < 0 || i >= LANES)
                return 0;
        if (strcmp(event, "lane") == 0) {
                enum route route = lane_route(line);

                waits->lane[i].route = route;
                waits->lane[i].waits = route == ROUTE_WATCHDOG || route == ROUTE_STORE_FULL;
        }
        if (strcmp(event, "no-boot") == 0) {
                double seconds = (double)(ns - waits->lane[i].start) / 1e9;

                waits->absences++;
                waits->absent += seconds;
                waits->floor += seconds < waits->bare ? seconds : waits->bare;
        }
        if (strcmp(event, "start") == 0) {
                waits->lane[i].start = ns;
                if (!waits->lane[i].began)
                        waits->lane[i].began = ns;
        }
        if (strcmp(event, "lane-end") == 0)
                waits->lane[i].ended = ns;
        return 0;
}

static void waits_print(const char *machine, const struct waits *waits)
{
        double sum = waits->absent;

        printf("%s: what waits on purpose:", machine);
        for (unsigned i = 0; i < LANES; i++) {
                double seconds = (double)(waits->lane[i].ended - waits->lane[i].began) / 1e9;

                if (!waits->lane[i].waits || waits->lane[i].ended < waits->lane[i].began)
                        continue;
                printf(" %s %.2f s,", route_name(waits->lane[i].route), seconds);
                sum += seconds;
        }
        printf(" %u boots without the application %.2f s, %.2f s of %d jobs in all (last run)\n", waits->absences,
               waits->absent, sum, JOBS);
}

static int bench_run(const struct machines *machines, const struct machine *machine, const char *data, double bare,
                     struct run_figures *ret, struct waits *waits)
{
        const struct machine *chosen[] = {machine, NULL};
        struct scratch scratch;
        char error[ERROR_TEXT], inside[PATH_MAX + 8];
        bool selected[CASE_COUNT];
        struct run_options options = {
                .machine = chosen, .selected = selected, .jobs = JOBS, .data = data, .known = machines, .quiet = true};
        int result;

        memset(selected, true, sizeof(selected));
        if (scratch_make(&scratch, "bench"))
                return -1;
        snprintf(inside, sizeof(inside), "%s/run", scratch.path);
        options.folder = inside;
        result = run_machines(&options, ret, error, sizeof(error));
        if (result)
                fprintf(stderr, "vmspec-bench: %s\n", error);
        *waits = (struct waits){.bare = bare};
        if (!result)
                result = journal_read(inside, waits_line, waits, error, sizeof(error));
        scratch_remove(&scratch);
        return result;
}

static int bench(const struct machines *machines, struct machine *machine, const char *data)
{
        char suite_disk[PATH_MAX + 16];
        double wall[ROUNDS], ratio[ROUNDS], to_alone[ROUNDS], alone, boot, cpu, floor = 0;
        char error[ERROR_TEXT];
        struct run_figures figures = {0};
        struct waits waits;

        snprintf(suite_disk, sizeof(suite_disk), "%s/suite.img", data);
        if (firmware_find(machine, error, sizeof(error))) {
                fprintf(stderr, "vmspec-bench: %s\n", error);
                return 3;
        }
        alone = bare_boots(machine, suite_disk, 1);
        boot = bare_boots(machine, suite_disk, JOBS);
        if (alone == 0 || boot == 0) {
                fprintf(stderr, "vmspec-bench: %s: the bare application said nothing\n", machine->id);
                return 3;
        }
        cpu = cpu_seconds();
        for (unsigned i = 0; i < ROUNDS; i++) {
                if (bench_run(machines, machine, data, boot, &figures, &waits))
                        return 3;
                wall[i] = figures.seconds;
                floor = (figures.starts * boot + waits.floor) / JOBS;
                ratio[i] = figures.seconds / floor;
                to_alone[i] = figures.seconds * JOBS / (figures.starts * alone + waits.floor);
        }
        cpu = (cpu_seconds() - cpu) / (ROUNDS * figures.starts);
        printf("%s: bare boot %.3f s alone, %.3f s beside another, boots %u, jobs %d, floor %.2f s, wall %.2f s, "
               "ratio %.2f (to boots alone %.2f), runner CPU %.3f s/boot, peak %ld MiB (medians of %d)\n",
               machine->id, alone, boot, figures.starts, JOBS, floor, median(wall, ROUNDS), median(ratio, ROUNDS),
               median(to_alone, ROUNDS), cpu, peak_mib(), ROUNDS);
        waits_print(machine->id, &waits);
        return 0;
}

int main(int argc, char **argv)
{
        char data[PATH_MAX], folder[PATH_MAX + 16], error[ERROR_TEXT];
        struct machines machines;
        int status = 0;

        program_folder(data);
        snprintf(folder, sizeof(folder), "%s/machines", data);
        if (machines_read(folder, &machines, error, sizeof(error))) {
                fprintf(stderr, "vmspec-bench: %s\n", error);
                return 2;
        }
        for (size_t i = 0; i < machines.count && !status; i++)
                if (argc < 2 ? strcmp(machines.machine[i].id, "aarch64-aavmf-acpi") == 0
                             : strcmp(machines.machine[i].id, argv[1]) == 0)
                        status = bench(&machines, &machines.machine[i], data);
        machines_free(&machines);
        return status;
}
