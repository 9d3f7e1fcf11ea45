/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As few boots as tell what is asked: trials that differ in many ways first, and only where one of those fails, trials
 * that differ in one way each. So an image that boots everywhere costs five boots, and nothing is held against one that
 * was not tried alone.
 */
#include "image_boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "esp.h"
#include "fat_dir.h"
#include "firmware.h"
#include "image_boot_private.h"
#include "judge.h"
#include "text.h"

enum { PATIENCE_FACTOR = 4, PATIENCE_SECONDS = 20 };

/* What may stand together: at most one disk, one console and one kind of memory in each. */
static const unsigned packs[] = {
        VARY_GIC2 | VARY_FDT | VARY_MMIO | VARY_MEMORY,
        VARY_SCSI | VARY_LOW | VARY_CONSOLE,
        VARY_SBSA | VARY_FDT | VARY_SLOT,
};

static const struct {
        enum case_id id;
        unsigned varied;
} needs[] = {
        {CASE_image_boots_without_setup, VARY_WIPED | VARY_SLOT},
        {CASE_image_boots_on_other_memory_maps, VARY_MEMORY | VARY_LOW},
        {CASE_guest_boots_with_either_gic, VARY_GIC2},
        {CASE_guest_has_every_console, VARY_CONSOLE},
        {CASE_guest_speaks_on_sbsa_uart, VARY_SBSA | VARY_FDT},
        {CASE_guest_boots_from_every_virtio_disk, VARY_MMIO | VARY_SCSI},
        {CASE_guest_boots_from_xen_disk, VARY_XEN},
        {CASE_guest_boots_with_fdt_alone, VARY_FDT},
        {CASE_guest_boots_after_store_is_wiped, VARY_WIPED},
};

/* The queue -------------------------------------------------------------------------------------------------------- */

static void boot_pump(struct boot *boot);

static bool queue_has(const struct boot *boot, unsigned varied)
{
        for (size_t i = 0; i < boot->queued; i++)
                if (boot->queue[i] == varied)
                        return true;
        return false;
}

static void queue_add(struct boot *boot, unsigned varied)
{
        if (boot->queued < BOOT_TRIALS && !queue_has(boot, varied))
                boot->queue[boot->queued++] = varied;
}

/* An SBSA UART, and a guest of Xen's, have an FDT alone. */
static unsigned comes_with(unsigned varied)
{
        return varied & (VARY_SBSA | VARY_XEN) ? VARY_FDT : 0;
}

/* Each way in which a trial that failed differs from the plain VM is tried alone. */
static void isolate(struct boot *boot, unsigned varied)
{
        for (unsigned bit = 1; bit < VARY_WIPED; bit <<= 1)
                if (varied & bit & boot->needed)
                        queue_add(boot, bit | boot->base | comes_with(bit));
}

static bool is_pack(const struct boot *boot, unsigned varied)
{
        unsigned ways = varied & ~boot->base & ~comes_with(varied);

        return (ways & (ways - 1)) != 0;
}

/* Once the plain VM is known, what failed is tried again in parts; where there is none, there is nothing to ask. */
static void queue_refill(struct boot *boot)
{
        size_t known = boot->queued;

        if (boot->base_lost) {
                boot->next = boot->queued;
                return;
        }
        for (size_t i = 0; boot->base_known && i < known; i++) {
                if (!boot->over[i] || boot->ended[i] == TRIAL_REACHED)
                        continue;
                if (is_pack(boot, boot->queue[i]))
                        isolate(boot, boot->queue[i]);
                else if (boot->queue[i] & VARY_XEN)
                        queue_add(boot, VARY_FDT);
        }
}

/* The plain VM has ACPI alone; where the image does not boot in that one, an FDT alone. */
static void base_judge(struct boot *boot, unsigned varied, enum trial_end end)
{
        if (boot->base_known || varied & ~(unsigned)VARY_FDT)
                return;
        if (end == TRIAL_REACHED) {
                boot->base = varied;
                boot->base_known = true;
                if (boot->needed & VARY_WIPED)
                        queue_add(boot, VARY_WIPED | varied);
        } else if (varied == VARY_FDT || end == TRIAL_BROKEN) {
                boot->base_lost = true;
        } else {
                boot->queue[boot->queued++] = VARY_FDT;
        }
}

/* How long the image needs is known from the first time that it came up. */
static void patience_learn(struct boot *boot, const struct trial_run *trial)
{
        uint64_t enough = PATIENCE_FACTOR * (trial->reached / 1000) + PATIENCE_SECONDS;

        if (trial->end != TRIAL_REACHED || enough >= boot->seconds)
                return;
        boot->seconds = enough;
        for (size_t i = 0; i < boot->running; i++)
                trial_deadline_set(boot->live[i]);
}

static void trial_account(struct boot *boot, unsigned varied, enum trial_end end)
{
        for (size_t i = 0; i < boot->next; i++)
                if (boot->queue[i] == varied) {
                        boot->ended[i] = end;
                        boot->over[i] = true;
                }
        base_judge(boot, varied, end);
        queue_refill(boot);
}

void boot_trial_over(struct boot *boot, struct trial_run *trial)
{
        for (size_t i = 0; i < boot->running; i++)
                if (boot->live[i] == trial)
                        boot->live[i] = boot->live[--boot->running];
        patience_learn(boot, trial);
        if (trial->first && trial->end == TRIAL_REACHED && boot->kept < 0) {
                boot->kept = trial->overlay;
                trial->overlay = -1;
        }
        trial_account(boot, trial->varied, trial->end);
        trial_free(trial);
        boot_pump(boot);
}

static void boot_pump(struct boot *boot)
{
        while (boot->running < boot->options->jobs && boot->next < boot->queued && !journal_failure(boot->journal)) {
                unsigned varied = boot->queue[boot->next++];

                if (trial_start(boot, varied, &boot->live[boot->running]) == 0)
                        boot->running++;
                else
                        trial_account(boot, varied, TRIAL_BROKEN);
        }
        boot->done = boot->running == 0;
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r%zu of %zu trials\033[K%s", boot->next - boot->running, boot->queued,
                        boot->done ? "\n" : "");
}

/* One image -------------------------------------------------------------------------------------------------------- */

/* Why no VM here can be asked, NULL where one can: an image for other processors alone. */
static const char *boot_refusal(const struct boot *boot)
{
        struct esp_list list;
        struct fat_entry entry;
        struct fat fat;
        const char *why;
        bool other = false;

        esp_find(&boot->file.image, &list);
        for (unsigned i = 0; i < list.count; i++) {
                if (!fat_open(&boot->file.image, list.esp[i].start, list.esp[i].size, &fat, &why))
                        continue;
                if (fat_find(&fat, "EFI\\BOOT\\BOOTAA64.EFI", &entry, &why) == FAT_FOUND)
                        return NULL;
                other |= fat_find(&fat, "EFI\\BOOT\\BOOTARM.EFI", &entry, &why) == FAT_FOUND ||
                         fat_find(&fat, "EFI\\BOOT\\BOOTX64.EFI", &entry, &why) == FAT_FOUND;
        }
        return other ? "only AArch64 images are booted, and this one has no \\EFI\\BOOT\\BOOTAA64.EFI" : NULL;
}

static void queue_begin(struct boot *boot)
{
        for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
                if (boot->options->selected[needs[i].id])
                        boot->needed |= needs[i].varied;
        if (!*boot->tree)
                boot->needed &= ~(unsigned)VARY_SBSA;
        if (!boot->options->xen)
                boot->needed &= ~(unsigned)VARY_XEN;
        boot->seconds = boot->options->deadline;
        boot->kept = -1;
        queue_add(boot, 0);
        if (boot->needed & VARY_XEN)
                queue_add(boot, VARY_XEN | VARY_FDT);
        for (size_t i = 0; i < sizeof(packs) / sizeof(packs[0]); i++)
                if (packs[i] & boot->needed)
                        queue_add(boot, packs[i] & boot->needed);
}

static void fact_write(struct boot *boot, enum case_id id, const struct entry *entry)
{
        (void)journal_write(boot->journal, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "event", "image-fact",
                                                     "case", cases[id].name, "kind", boot_fact_kinds[entry->fact.kind],
                                                     "place", entry->fact.place, "what", entry->fact.what, "got",
                                                     entry->fact.got, "want", entry->fact.want));
}

/* What stands in the image is judged first: firmware repairs, and guests write. */
static int static_judge(struct boot *boot, char *error, size_t error_size)
{
        struct ledger ledger = {0};
        int result =
                image_judge(&ledger, boot->path, boot->options->block_size, boot->options->selected, error, error_size);

        for (size_t i = 0; !result && i < ledger.subject[0].rows; i++) {
                const struct row *row = &ledger.subject[0].row[i];

                for (size_t e = 0; e < row->entries; e++)
                        fact_write(boot, row->id, &row->entry[e]);
                (void)journal_write(boot->journal,
                                    json_pack("{s:s, s:s}", "event", "image-judged", "case", cases[row->id].name));
        }
        ledger_free(&ledger);
        return result;
}

static void subject_write(struct boot *boot, const char *none)
{
        const char *no_xen = boot->options->no_xen;
        json_t *names = json_array();
        char about[200], path[400];

        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (boot->options->selected[id])
                        json_array_append_new(names, json_string(cases[id].name));
        text_escape(path, sizeof(path), boot->path, strlen(boot->path));
        text_format(about, sizeof(about), "%s image, %llu bytes in blocks of %u, booted on %s%s%s", boot->file.format,
                    (unsigned long long)boot->file.image.size, boot->options->block_size, boot->machine.id,
                    boot->options->xen ? " and " : "", boot->options->xen ? boot->xen.id : "");
        if (!no_xen)
                no_xen = boot->options->xen ? "" : "no machine of Xen's was named";
        (void)journal_write(boot->journal, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "event", "image", "path",
                                                     path, "about", about, "marker", boot->options->marker, "none",
                                                     none ? none : "", "no-xen", no_xen, "cases", names));
}

static bool boots_needed(const struct boot *boot)
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (boot->options->selected[id] && cases[id].stage == STAGE_IMAGE && cases[id].halves & HALF_H)
                        return true;
        return false;
}

static int boot_run(struct boot *boot, char *error, size_t error_size)
{
        const char *none;
        int result = image_file_open(&boot->file, boot->path, boot->options->block_size, error, error_size);

        if (result)
                return result;
        none = boot_refusal(boot);
        subject_write(boot, none);
        result = static_judge(boot, error, error_size);
        if (!result && !none && boots_needed(boot)) {
                queue_begin(boot);
                boot_pump(boot);
                result = loop_run(boot->loop, &boot->done);
                if (result)
                        snprintf(error, error_size, "%s: the trials cannot go on: %s", boot->path, strerror(-result));
        }
        while (boot->running)
                trial_free(boot->live[--boot->running]);
        if (boot->kept > 0)
                close(boot->kept);
        image_file_close(&boot->file);
        return result;
}

/* All of them ------------------------------------------------------------------------------------------------------ */

static bool tree_needed(const struct image_boot_options *options)
{
        return options->selected[CASE_guest_speaks_on_sbsa_uart];
}

/* One tree does for all images: it tells of the VM, not of the disk. */
static int images_run(const struct image_boot_options *options, struct boot *first, char *error, size_t error_size)
{
        char tree[4200] = "", why[300] = "";
        unsigned numbers = 0;
        int result = 0;

        first->numbers = &numbers;
        first->tree = "";
        if (tree_needed(options) && tree_make(first, tree, sizeof(tree), why, sizeof(why)))
                fprintf(stderr, "vmspec: no SBSA UART is tried: %s\n", why);
        for (size_t i = 0; i < options->images; i++) {
                struct boot *boot = calloc(1, sizeof(*boot));
                char sentence[600] = "out of memory";
                int refused = -ENOMEM;

                if (boot) {
                        *boot = *first;
                        boot->path = options->image[i];
                        boot->tree = tree;
                        refused = boot_run(boot, sentence, sizeof(sentence));
                }
                if (refused) {
                        if (result)
                                fprintf(stderr, "vmspec: %s\n", error);
                        snprintf(error, error_size, "%s", sentence);
                        result = refused;
                }
                free(boot);
        }
        return result;
}

int image_boot(const struct image_boot_options *options, bool *ret_begun, char *error, size_t error_size)
{
        struct boot first = {.options = options, .loop = loop_new()};
        char catalogue[24];
        int result = first.loop ? machine_copy(options->machine, &first.machine) : -ENOMEM;

        *ret_begun = false;
        snprintf(error, error_size, "out of memory");
        if (result) {
                loop_free(first.loop);
                return result;
        }
        result = firmware_find(&first.machine, error, error_size);
        if (!result && options->xen) {
                result = machine_copy(options->xen, &first.xen);
                if (!result)
                        result = firmware_find(&first.xen, error, error_size);
        }
        if (!result)
                first.journal = journal_create(options->folder, error, error_size);
        if (first.journal) {
                *ret_begun = true;
                snprintf(catalogue, sizeof(catalogue), "0x%016llx", (unsigned long long)catalogue_hash);
                (void)journal_write(first.journal, json_pack("{s:s, s:s, s:s}", "event", "image-run", "vmspec",
                                                             VMSPEC_VERSION, "catalogue", catalogue));
                result = images_run(options, &first, error, error_size);
                (void)journal_write(first.journal, json_pack("{s:s}", "event", "end"));
                if (journal_failure(first.journal)) {
                        result = journal_failure(first.journal);
                        snprintf(error, error_size, "%s: what was heard cannot be written down: %s", options->folder,
                                 strerror(-result));
                }
        } else if (!result) {
                result = -EIO;
        }
        journal_close(first.journal);
        machine_free(&first.machine);
        machine_free(&first.xen);
        loop_free(first.loop);
        return result;
}
