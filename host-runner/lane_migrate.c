/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest goes on in another VMM process, which has a blank store and the same disk; or the lane is given up with the
 * reason, and both processes end. What becomes of the store on the way is for the case to judge.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lane_private.h"
#include "text.h"

enum { VALUE_WITHIN = 64, CHUNK = 256 * 1024 };

void lane_migrate_drop(struct lane *lane)
{
        struct migration *migration = &lane->migration;

        loop_timer_clear(lane->config.loop, lane_migrate_late, lane);
        migration->under_way = false;
        if (migration->target)
                lane->config.hypervisor->release(migration->target);
        migration->target = NULL;
        private_drop(&migration->stream);
        private_drop(&migration->store);
}

/* The guest stands still, and no case of this boot can go on. */
void lane_migrate_fail(struct lane *lane, const char *why)
{
        char sentence[300];

        lane->migration.under_way = false;
        snprintf(sentence, sizeof(sentence), "the guest could not be moved to another VMM process: %s", why);
        lane_give_up(lane, sentence);
}

void lane_migrate_late(void *context)
{
        const struct lane *lane = context;
        char why[80];

        snprintf(why, sizeof(why), "it was not done within the %u s that a boot may take",
                 lane->config.machine->boot_timeout);
        lane_migrate_fail(context, why);
}

/* Arriving --------------------------------------------------------------------------------------------------------- */

/*
 * The source is let go only now. What its guest wrote to the console has long been taken: it stands still since before
 * the target was started. The guest is answered first: it may wait on the processor that the source needs to end.
 */
static void migration_arrive(struct lane *lane)
{
        struct migration *migration = &lane->migration;
        struct vm *source = lane->vm;
        int *store = &lane->store[lane->started_store];

        lane->vm = migration->target;
        migration->target = NULL;
        if (migration->store >= 0) {
                private_drop(store);
                *store = migration->store;
                migration->store = -1;
        }
        migration->made = true;
        lane_migrate_drop(lane);
        lane_event(lane, "migrated", "%s",
                   *store >= 0 ? "to a VMM process with a blank store" : "the VMM has no store");
        lane_progress(lane);
        lane_answer(lane, true, "");
        lane->config.hypervisor->release(source);
}

/* Once the guest has come in, what happens to its VM is what happens to the lane's. */
static void target_event(void *context, enum vm_event event, const char *detail)
{
        struct lane *lane = context;

        if (lane->over)
                return;
        if (!lane->migration.target)
                lane_vm_event(lane, event, detail);
        else if (event == VM_ARRIVED)
                migration_arrive(lane);
        else if (event == VM_EXITED || event == VM_STOPPED)
                lane_migrate_fail(lane, detail);
}

static int target_start(struct lane *lane, char *error, size_t error_size)
{
        struct migration *migration = &lane->migration;
        struct vm_config config = lane->started;
        int result = lane_store_make(lane, &migration->store);

        if (!result && lseek(migration->stream, 0, SEEK_SET))
                result = -errno;
        if (result) {
                snprintf(error, error_size, "its store cannot be made: %s", strerror(-result));
                return result;
        }
        config.store = migration->store;
        config.incoming = migration->stream;
        migration->target = lane->config.hypervisor->start(lane->config.loop, &config, target_event, lane_console, lane,
                                                           error, error_size);
        if (!migration->target)
                return -EIO;
        lane_tell_words(lane, migration->target);
        return 0;
}

/* Leaving ---------------------------------------------------------------------------------------------------------- */

static void guest_saved(void *context, const char *why)
{
        struct lane *lane = context;
        char error[200] = "";

        if (!lane->migration.under_way || lane->over)
                return;
        if (why && strncmp(why, WIRE_NOT_MIGRATABLE, strlen(WIRE_NOT_MIGRATABLE)) == 0) {
                lane_migrate_drop(lane);
                lane_progress(lane);
                lane_answer(lane, false, why);
        } else if (why || target_start(lane, error, sizeof(error))) {
                lane_migrate_fail(lane, why ? why : error);
        }
}

/* Once for each VM that a boot is started with: an event of the VM that it ends in must not be taken for the target's.
 */
void lane_migrate(struct lane *lane)
{
        struct migration *migration = &lane->migration;

        if (migration->tried) {
                lane_answer(lane, false, "this guest was to be moved before");
                return;
        }
        migration->tried = migration->under_way = true;
        migration->stream = private_file(0);
        if (migration->stream < 0 ||
            loop_timer_set(lane->config.loop, 1000 * lane->config.machine->boot_timeout, lane_migrate_late, lane)) {
                lane_migrate_drop(lane);
                lane_answer(lane, false, "there is no room for what is to be moved");
                return;
        }
        lane_progress(lane);
        lane->config.hypervisor->migrate(lane->vm, migration->stream, guest_saved, lane);
}

/* Afterwards ------------------------------------------------------------------------------------------------------- */

/* Where a name stands with the value soon behind it, from start up to end; UINT64_MAX: nowhere. */
static uint64_t variable_find(int fd, uint64_t start, uint64_t end, const char *name, uint64_t value)
{
        static uint8_t bytes[CHUNK + LANE_NAME_WIDE + VALUE_WITHIN];
        uint8_t wide[LANE_NAME_WIDE], number[8];
        size_t length = lane_name_wide(name, wide);

        wire_put64(number, value);
        for (; start < end; start += CHUNK) {
                size_t size = end - start < sizeof(bytes) ? (size_t)(end - start) : sizeof(bytes);
                ssize_t got = pread(fd, bytes, size, (off_t)start);
                const uint8_t *stop = bytes + (got > 0 ? got : 0), *at = bytes;

                while ((at = memmem(at, (size_t)(stop - at), wide, length))) {
                        size_t left = (size_t)(stop - at) - length;

                        if (memmem(at + length, left < VALUE_WITHIN ? left : VALUE_WITHIN, number, sizeof(number)))
                                return start + (uint64_t)(at - bytes);
                        at += length;
                }
        }
        return UINT64_MAX;
}

struct place {
        char text[24];
};

static struct place place_name(uint64_t at)
{
        struct place place = {"nowhere"};

        if (at != UINT64_MAX)
                snprintf(place.text, sizeof(place.text), "0x%llx", (unsigned long long)at);
        return place;
}

/* In the store, or where the VMM gives none on the disk's ESP. */
void lane_migrate_look(struct lane *lane)
{
        uint64_t nonce = lane->config.plan->plan.nonce, start = 0, end;
        int fd = lane->store[lane->started_store];
        bool disk = fd < 0;

        if (!lane->migration.made)
                return;
        if (disk) {
                fd = lane->disk.fd;
                start = 512 * lane->disk.esp_start;
        }
        end = disk ? start + 512 * lane->disk.esp_size : (uint64_t)lseek(fd, 0, SEEK_END);
        lane_event(lane, "carried", "on the %s: before %s, after %s", disk ? "disk" : "new store",
                   place_name(variable_find(fd, start, end, WIRE_MOVED_BEFORE, nonce)).text,
                   place_name(variable_find(fd, start, end, WIRE_MOVED_AFTER, ~nonce)).text);
}
