/* SPDX-License-Identifier: BSD-2-Clause */
/* What no judge notices is printed, or stands in fixtures/mutations.ini with the reason. */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "crc32.h"
#include "image_file.h"
#include "journal.h"
#include "judge.h"
#include "mutate.h"
#include "suite_disk.h"

/* Asking the judges ------------------------------------------------------------------------------------------------ */

static struct failures *listener; /* one judge runs at a time */

static void failure_keep(struct check *check, const struct fact *fact)
{
        (void)check;
        listener->facts = crc32_update(listener->facts, fact->place, strlen(fact->place));
        listener->facts = crc32_update(listener->facts, fact->got, strlen(fact->got) + 1) + fact->kind;
        if (fact->kind == FACT_FAILED && listener->count < FAILURES)
                listener->place[listener->count++] = crc32_update(0, fact->place, strlen(fact->place));
}

static struct failures case_failures(const struct mutation *mutation, const struct evidence *evidence, enum case_id id)
{
        struct judge judge = {.evidence = evidence, .image = mutation->image, .check = {.tell = failure_keep}};
        struct failures failures = {0};

        listener = &failures;
        judge_halves[id](&judge);
        return failures;
}

static unsigned failures_at(const struct failures *failures, uint32_t place)
{
        unsigned count = 0;

        for (unsigned i = 0; i < failures->count; i++)
                count += failures->place[i] == place;
        return count;
}

/* True where a check fails more often than before. */
static bool case_notices(const struct mutation *mutation, const struct evidence *evidence, enum case_id id)
{
        struct failures now = case_failures(mutation, evidence, id);

        for (unsigned i = 0; i < now.count; i++)
                if (failures_at(&now, now.place[i]) > failures_at(&mutation->before[id], now.place[i]))
                        return true;
        return false;
}

/* The case has a judge for these bytes, and applies to the machine that they are from. No guest OS is mutated. */
static bool case_judges(const struct mutation *mutation, enum case_id id, bool is_static)
{
        return judge_halves[id] && (cases[id].stage == STAGE_STATIC) == is_static && cases[id].stage != STAGE_IMAGE &&
               (cases[id].needs == NEED_NOTHING || cases[id].needs & mutation->machine);
}

static bool judges_notice(const struct mutation *mutation, const struct evidence *evidence, enum evidence_kind kind)
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (case_judges(mutation, id, !evidence) && (!evidence || mutation->reads[id][kind]) &&
                    case_notices(mutation, evidence, id))
                        return true;
        return false;
}

/* A judge that tells the same without a kind of evidence does not look at it, and need not be asked. */
static void reads_learn(struct mutation *mutation, enum case_id id)
{
        for (unsigned kind = 0; kind < EVIDENCE_COUNT; kind++) {
                struct evidence evidence = mutation->good;

                evidence.of[kind] = (struct bytes){0};
                mutation->reads[id][kind] = case_failures(mutation, &evidence, id).facts != mutation->before[id].facts;
        }
}

void mutation_begin(struct mutation *mutation)
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (case_judges(mutation, id, mutation->image != NULL)) {
                        mutation->before[id] = case_failures(mutation, mutation->image ? NULL : &mutation->good, id);
                        if (!mutation->image)
                                reads_learn(mutation, id);
                }
}

bool mutation_try(struct mutation *mutation, enum evidence_kind kind, struct bytes bytes)
{
        struct evidence evidence = mutation->good;

        evidence.of[kind] = bytes;
        return judges_notice(mutation, &evidence, kind);
}

bool mutation_try_image(struct mutation *mutation)
{
        return judges_notice(mutation, NULL, 0);
}

/* Fields ----------------------------------------------------------------------------------------------------------- */

struct mutated_field *mutation_place(struct mutation *mutation, const char *format, ...)
{
        static struct mutated_field nowhere;
        char name[FIELD_NAME];
        struct mutated_field *grown;
        va_list args;

        va_start(args, format);
        vsnprintf(name, sizeof(name), format, args);
        va_end(args);
        for (size_t i = 0; i < mutation->fields; i++)
                if (strcmp(mutation->field[i].name, name) == 0)
                        return &mutation->field[i];
        grown = reallocarray(mutation->field, mutation->fields + 1, sizeof(*grown));
        mutation->lost |= !grown;
        if (!grown)
                return &nowhere;
        mutation->field = grown;
        grown += mutation->fields++;
        *grown = (struct mutated_field){.name = ""};
        memcpy(grown->name, name, sizeof(name));
        return grown;
}

void mutation_count(struct mutated_field *field, unsigned mutations, unsigned noticed)
{
        field->places++;
        field->noticed += noticed > 0;
        field->mutations += mutations;
        field->noticed_mutations += noticed;
}

unsigned mutants_of(uint64_t value, unsigned size, uint64_t to[MUTANTS])
{
        uint64_t mask = size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
        const uint64_t candidates[MUTANTS] = {value + 1, value - 1, 0, mask, value ^ (mask / 2 + 1), value << 1};
        unsigned count = 0;

        for (unsigned i = 0; i < MUTANTS; i++) {
                uint64_t candidate = candidates[i] & mask;
                bool known = candidate == (value & mask);

                for (unsigned k = 0; k < count; k++)
                        known |= to[k] == candidate;
                if (!known)
                        to[count++] = candidate;
        }
        return count;
}

/* Reasons ---------------------------------------------------------------------------------------------------------- */

enum { REASONS = 512 };

struct reasons {
        size_t count;
        struct {
                char *glob, *text;
                bool used;
        } reason[REASONS];
};

/* "reason" is of the section's glob, "and" of one more; a section name of inih is short, and ends with ']'. */
static int reason_read(void *context, const char *section, const char *name, const char *value)
{
        struct reasons *reasons = context;
        bool more = strcmp(name, "and") == 0;

        if ((!more && strcmp(name, "reason") != 0) || reasons->count == REASONS || !*value || (more && !reasons->count))
                return 0;
        reasons->reason[reasons->count].glob = strdup(more ? value : section);
        reasons->reason[reasons->count].text = strdup(more ? reasons->reason[reasons->count - 1].text : value);
        reasons->count++;
        return 1;
}

/* The reasons of fields that are not noticed; a reason that no field needs is stale. */
static bool reasons_apply(struct mutation *mutation, struct reasons *reasons)
{
        bool fresh = true;

        for (size_t i = 0; i < mutation->fields; i++)
                for (size_t r = 0; r < reasons->count && mutation->field[i].noticed < mutation->field[i].places; r++)
                        if (fnmatch(reasons->reason[r].glob, mutation->field[i].name, FNM_PATHNAME | FNM_EXTMATCH) ==
                            0) {
                                mutation->field[i].reason = reasons->reason[r].text;
                                reasons->reason[r].used = true;
                                break;
                        }
        for (size_t r = 0; r < reasons->count; r++)
                if (!reasons->reason[r].used) {
                        printf("stale: [%s] names no field that goes unnoticed\n", reasons->reason[r].glob);
                        fresh = false;
                }
        return fresh;
}

/* What is read ----------------------------------------------------------------------------------------------------- */

/* The evidence of the run's first start that has the kind; what it lacks stays absent. */
static bool evidence_read(const char *folder, struct evidence *ret)
{
        bool any = false;

        for (unsigned kind = 0; kind < EVIDENCE_COUNT; kind++) {
                char path[PATH_MAX];
                struct bytes bytes;

                snprintf(path, sizeof(path), "evidence/lane-0-start-0/%s", evidence_file_name(kind));
                if (journal_read_file(folder, path, EVIDENCE_MAX, NULL, &bytes) == 0) {
                        ret->of[kind] = bytes;
                        any = true;
                }
        }
        return any;
}

static unsigned machine_of(const struct evidence *evidence)
{
        char arch[16] = "";

        (void)evidence_text(evidence, EVIDENCE_TOLD, "arch", arch, sizeof(arch));
        return strcmp(arch, "aarch64") == 0 ? NEED_AARCH64 : strcmp(arch, "arm") == 0 ? NEED_AARCH32 : NEED_X86_64;
}

static void folder_mutate(struct mutation *mutation)
{
        mutation->machine = machine_of(&mutation->good);
        mutation_begin(mutation);
        mutate_acpi(mutation);
        mutate_smbios(mutation);
        mutate_fdt(mutation);
        mutate_memory_map(mutation);
        mutate_text(mutation, EVIDENCE_REGISTERS, "registers");
        mutate_text(mutation, EVIDENCE_CONFIG, "config");
        mutate_text(mutation, EVIDENCE_DISK, "disk");
}

static int disk_mutate(struct mutation *mutation, const char *path)
{
        struct image_file file;
        char error[300];
        int fd = private_copy(path);

        if (fd < 0 || image_file_wrap(&file, fd, path, IMAGE_BLOCK_SIZE, error, sizeof(error))) {
                fprintf(stderr, "vmspec-mutate: %s\n", fd < 0 ? strerror(-fd) : error);
                return -EIO;
        }
        mutation->image = &file.image;
        mutation_begin(mutation);
        mutate_disk(mutation, fd);
        mutation->image = NULL;
        close(fd);
        return 0;
}

/* What is printed -------------------------------------------------------------------------------------------------- */

struct share {
        unsigned fields, noticed, allowed, mutations, noticed_mutations;
};

static void share_print(const char *name, const struct share *share)
{
        unsigned spoken = share->fields - share->allowed;

        printf("%-14s %6u fields %6u noticed %6u allowed %6u unnoticed %5.1f %% of those a clause speaks of; "
               "%u of %u mutations noticed\n",
               name, share->fields, share->noticed, share->allowed, spoken - share->noticed,
               spoken ? 100.0 * share->noticed / spoken : 100.0, share->noticed_mutations, share->mutations);
}

static void share_add(struct share *share, const struct mutated_field *field)
{
        bool noticed = field->noticed == field->places;

        share->fields++;
        share->noticed += noticed;
        share->allowed += !noticed && field->reason;
        share->mutations += field->mutations;
        share->noticed_mutations += field->noticed_mutations;
}

static size_t group_length(const char *name)
{
        return strcspn(name, "/");
}

static double report(const struct mutation *mutation)
{
        struct share all = {0}, group = {0};
        char name[FIELD_NAME] = "";

        for (size_t i = 0; i < mutation->fields; i++) {
                const struct mutated_field *field = &mutation->field[i];

                if (field->noticed < field->places && !field->reason)
                        printf("unnoticed: %s (%u of %u places noticed)\n", field->name, field->noticed, field->places);
        }
        for (size_t i = 0; i < mutation->fields; i++) {
                const struct mutated_field *field = &mutation->field[i];

                share_add(&all, field);
                share_add(&group, field);
                if (i + 1 < mutation->fields && group_length(field->name) == group_length(field[1].name) &&
                    strncmp(field->name, field[1].name, group_length(field->name)) == 0)
                        continue;
                snprintf(name, sizeof(name), "%.*s", (int)group_length(field->name), field->name);
                share_print(name, &group);
                group = (struct share){0};
        }
        share_print("all", &all);
        return all.fields > all.allowed ? 100.0 * all.noticed / (all.fields - all.allowed) : 0;
}

static int field_order(const void *a, const void *b)
{
        return strcmp(((const struct mutated_field *)a)->name, ((const struct mutated_field *)b)->name);
}

enum { SHARE_LEAST = 95 };

/* vmspec-mutate REASONS.ini DISK RUN...: 0 where nearly all is noticed or allowed, 1 where not, 2 for a bad call. */
int main(int argc, char **argv)
{
        static struct mutation mutation;
        static struct reasons reasons;
        bool fresh;
        int parsed;

        if (argc < 4) {
                fprintf(stderr, "vmspec-mutate: expected REASONS.ini, a disk, and folders of runs\n");
                return 2;
        }
        parsed = ini_parse(argv[1], reason_read, &reasons);
        if (parsed) {
                fprintf(stderr, "vmspec-mutate: %s:%d: expected [field], reason = text, and = another field\n", argv[1],
                        parsed);
                return 2;
        }
        if (disk_mutate(&mutation, argv[2]))
                return 2;
        for (int i = 3; i < argc; i++) {
                mutation.good = (struct evidence){0};
                if (!evidence_read(argv[i], &mutation.good)) {
                        fprintf(stderr, "vmspec-mutate: %s: found no evidence of a start\n", argv[i]);
                        return 2;
                }
                folder_mutate(&mutation);
        }
        if (mutation.lost) {
                fprintf(stderr, "vmspec-mutate: out of memory\n");
                return 2;
        }
        qsort(mutation.field, mutation.fields, sizeof(*mutation.field), field_order);
        fresh = reasons_apply(&mutation, &reasons);
        return report(&mutation) >= SHARE_LEAST && fresh ? 0 : 1;
}
