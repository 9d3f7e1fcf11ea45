/* SPDX-License-Identifier: BSD-2-Clause */
/* A lane's disk, stores and logs are its own: nobody else writes them, and they end with it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "file_watch.h"
#include "lane_private.h"
#include "store_fill.h"

int lane_store_make(const struct lane *lane, int *ret)
{
        const struct machine *machine = lane_boot_machine(lane);
        int made = !machine_has_store(machine) ? -1
                   : lane->thawed              ? private_again(lane->config.frozen->store)
                                               : private_copy(machine->vars);

        if (machine_has_store(machine) && made < 0)
                return made;
        *ret = made;
        return 0;
}

int lane_store(struct lane *lane, unsigned which, int *ret)
{
        const struct machine *machine = lane_boot_machine(lane);
        bool shared = machine->store == STORE_SHARED;
        int *store = shared && lane->config.shared_store ? lane->config.shared_store : &lane->store[shared ? 0 : which];
        int result = machine_has_store(machine) && *store < 0 ? lane_store_make(lane, store) : 0;

        *ret = machine_has_store(machine) && !result ? *store : -1;
        return result;
}

/* Every VM that goes on from the saved state reads it for itself, from its start. */
int lane_thaw(struct lane *lane, struct vm_config *config)
{
        const struct frozen *frozen = lane->config.frozen;

        lane->frozen = (struct vm_frozen){frozen->memory};
        config->frozen = &lane->frozen;
        config->incoming = private_reopen(frozen->state);
        return config->incoming < 0 ? config->incoming : 0;
}

int lane_store_renew(struct lane *lane, unsigned which)
{
        const struct machine *machine = lane_boot_machine(lane);

        if (machine->store == STORE_SHARED)
                return 0;
        if (!machine_has_flash(machine))
                return suite_disk_restore_esp(&lane->disk, lane->config.suite_disk);
        if (lane->store[which] >= 0)
                close(lane->store[which]);
        lane->store[which] = -1;
        return 0;
}

int lane_store_fill(struct lane *lane, int store)
{
        int filled = store < 0 ? 0 : store_fill(store);

        if (filled < 0)
                return filled;
        lane_event(lane, "store-filled", "the runner wrote %d variables into the store", filled);
        return 0;
}

/* Disks of a setting ----------------------------------------------------------------------------------------------- */

/* A disk of other GUIDs, whose application finds a plan without a boot, says that, and powers off. */
static int other_disk_make(struct lane *lane)
{
        static struct plan nothing;
        struct suite_disk disk;
        char error[200];
        int result;

        if (lane->other_disk >= 0)
                return 0;
        result = suite_disk_copy(lane->config.other_disk, &disk, error, sizeof(error));
        if (result)
                return result;
        nothing = (struct plan){.catalogue = catalogue_hash, .nonce = ~lane->config.plan->plan.nonce};
        result = suite_disk_plan(&disk, &nothing);
        if (!result)
                result = suite_disk_rename(&disk);
        if (result)
                close(disk.fd);
        else
                lane->other_disk = disk.fd;
        return result;
}

int lane_setting_prepare(struct lane *lane, enum setting setting)
{
        if (setting_has_other_disk(setting)) {
                int result = other_disk_make(lane);

                if (result)
                        return result;
        }
        if (setting == SETTING_MORE_DISKS && lane->blank_disk < 0) {
                lane->blank_disk = private_file(LANE_BLANK_DISK);
                if (lane->blank_disk < 0)
                        return lane->blank_disk;
        }
        return setting == SETTING_BACKUP_GPT ? suite_disk_corrupt_gpt(&lane->disk) : 0;
}

void lane_state_skip(struct lane *lane)
{
        static uint8_t block[WIRE_STATE_SIZE];
        struct wire_state state = {lane->config.plan->plan.nonce, lane->slot, lane->boot, 0, 1};

        wire_state_put(block, &state);
        if (pwrite(lane->disk.fd, block, sizeof(block), (off_t)(lane->disk.journal + WIRE_STATE_OFFSET)) !=
            (ssize_t)sizeof(block))
                lane_event(lane, "vmm", "the state could not be written");
}

/* Watching --------------------------------------------------------------------------------------------------------- */

static void disk_written(void *context)
{
        struct lane *lane = context;

        if (lane->over)
                return;
        lane_read(lane);
        lane_check_journal(lane);
}

static int lane_make_files(struct lane *lane)
{
        uint8_t block[512];
        char path[80];
        int result;

        lane_hot_block(lane, block);
        lane->hot_disk = private_file(LANE_HOT_DISK);
        lane->memory_log = private_file(0);
        result = lane->hot_disk < 0     ? lane->hot_disk
                 : lane->memory_log < 0 ? lane->memory_log
                                        : suite_disk_plan(&lane->disk, &lane->config.plan->plan);
        if (!result && lane->config.plan->setting[0] == SETTING_BLOCKS_4K)
                result = suite_disk_large_blocks(&lane->disk);
        if (!result && pwrite(lane->hot_disk, block, sizeof(block), 0) != (ssize_t)sizeof(block))
                result = -EIO;
        if (!result)
                result = file_watch_begin(lane->config.loop, lane->disk.fd, disk_written, lane);
        if (result)
                return result;
        snprintf(path, sizeof(path), "console-%u.log", lane->config.number);
        lane->console_fd = journal_open_file(lane->config.journal, path);
        return lane->console_fd < 0 ? lane->console_fd : 0;
}

/* A disk that goes on from a frozen one is still compared with the file that that one was copied from. */
static int lane_copy_disk(struct lane *lane, char *error, size_t error_size)
{
        const struct frozen *frozen = lane->config.frozen;
        int fd;

        if (!frozen)
                return suite_disk_copy(lane->config.suite_disk, &lane->disk, error, error_size);
        fd = private_again(frozen->disk.fd);
        if (fd < 0) {
                snprintf(error, error_size, "%s: the suite's disk cannot be copied: %s", lane->config.suite_disk,
                         strerror(-fd));
                return fd;
        }
        lane->disk = frozen->disk;
        lane->disk.fd = fd;
        return 0;
}

int lane_open_files(struct lane *lane, char *error, size_t error_size)
{
        int result;

        lane->disk.fd = lane->hot_disk = lane->other_disk = lane->blank_disk = lane->memory_log = lane->console_fd = -1;
        lane->store[0] = lane->store[1] = lane->store[2] = -1;
        result = lane_copy_disk(lane, error, error_size);
        if (result)
                return result;
        result = lane_make_files(lane);
        if (result)
                snprintf(error, error_size, "%s: the lane's files cannot be made: %s", lane->config.machine->id,
                         strerror(-result));
        return result;
}

void lane_keep_console(struct lane *lane, const void *bytes, size_t size)
{
        lane->console_size += size;
        lane->console_crc = crc32_update(lane->console_crc, bytes, size);
        (void)journal_append(lane->config.journal, lane->console_fd, bytes, size);
}

/* The disk afterwards ---------------------------------------------------------------------------------------------- */

struct difference {
        uint64_t pages;
        uint64_t first;
        uint64_t variable; /* where a page holds one of the suite's variables, 0: nowhere */
};

static void page_changed(void *context, uint64_t offset, const uint8_t *bytes, size_t size)
{
        struct difference *difference = context;
        static const char prefix[] = WIRE_VARIABLE_PREFIX;
        uint8_t wide[2 * sizeof(prefix) - 2];

        for (size_t i = 0; i + 1 < sizeof(prefix); i++)
                wire_put16(wide + 2 * i, (uint8_t)prefix[i]);
        if (difference->pages++ == 0)
                difference->first = offset;
        if (!difference->variable &&
            (memmem(bytes, size, wide, sizeof(wide)) || memmem(bytes, size, wire_variable_guid, 16)))
                difference->variable = offset;
}

void lane_compare_disk(struct lane *lane)
{
        struct difference difference = {0};

        if (lane->config.plan->setting[0] == SETTING_BACKUP_GPT)
                lane_event(lane, "primary-gpt",
                           suite_disk_gpt_is_whole(&lane->disk) ? "written anew by the firmware" : "left as it was");
        if (suite_disk_compare(&lane->disk, lane->config.suite_disk, page_changed, &difference))
                lane_event(lane, "disk-unknown", "the disk cannot be compared");
        else
                lane_event(lane, "disk-compared", "pages=0x%llx first=0x%llx variable=0x%llx",
                           (unsigned long long)difference.pages, (unsigned long long)difference.first,
                           (unsigned long long)difference.variable);
}

void lane_close_files(struct lane *lane)
{
        file_watch_end(disk_written, lane);
        private_drop(&lane->disk.fd);
        private_drop(&lane->hot_disk);
        private_drop(&lane->other_disk);
        private_drop(&lane->blank_disk);
        private_drop(&lane->memory_log);
        private_drop(&lane->console_fd);
        for (size_t i = 0; i < 3; i++)
                private_drop(&lane->store[i]);
}
