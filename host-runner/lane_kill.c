/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VMM dies while its guest writes: at a moment when a variable that nobody writes is not in the store, where there
 * is such a moment, else between two writes to what keeps the variables. A kill that may come at any time comes at the
 * worst one in some run of some user; here it comes then in each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "fat_dir.h"
#include "file_watch.h"
#include "image_file.h"
#include "lane_private.h"

enum {
        KILL_LEAST_MS = 20,
        KILL_RANGE_MS = 128,
        KILL_SEARCH_MS = 1000,
        KILL_SLOW_SEARCH_MS = 3000,
        KILL_LATEST_MS = 2000
};
enum { VARIABLES_HEADER = 24 };
enum { STORE_LOOKED_AT = 1024 * 1024, TORN_AT = 72, TORN_SIZE = 40, VOLUME_HEADER_SIZE = 48 };

/* What a store of STORE_TORN has become: wherever VmspecKilled stands, the end of its value was never written. */
static void store_tear(const struct lane *lane)
{
        static const char name[] = "V\0m\0s\0p\0e\0c\0K\0i\0l\0l\0e\0d\0";
        static uint8_t bytes[STORE_LOOKED_AT], blank[TORN_SIZE];
        ssize_t got = pread(lane->store[0], bytes, sizeof(bytes), 0);

        memset(blank, 0xff, sizeof(blank));
        for (ssize_t i = 0; i + (ssize_t)sizeof(name) <= got; i++)
                if (memcmp(bytes + i, name, sizeof(name)) == 0 &&
                    pwrite(lane->store[0], blank, sizeof(blank), i + (off_t)sizeof(name) + TORN_AT) < 0)
                        return;
}

/* What a store of STORE_WRECKED has become: the header of the variables is that of none, in a volume that is whole. */
static void store_wreck(const struct lane *lane)
{
        static const uint8_t none[16];
        uint8_t size[2];

        if (pread(lane->store[0], size, sizeof(size), VOLUME_HEADER_SIZE) == sizeof(size))
                (void)!pwrite(lane->store[0], none, sizeof(none), wire_get16(size));
}

static void store_written(void *context);
static void kill_anywhere(void *context);
static void kill_begin(void *context);
static void kill_unseen(void *context);

void lane_kill_forget(struct lane *lane)
{
        file_watch_end(store_written, lane);
        lane->kill_awaited = false;
        loop_timer_clear(lane->config.loop, kill_begin, lane);
        loop_timer_clear(lane->config.loop, kill_anywhere, lane);
        loop_timer_clear(lane->config.loop, kill_unseen, lane);
}

static void kill_now(struct lane *lane, const char *when)
{
        lane_kill_forget(lane);
        if (lane->over || lane->leaving)
                return;
        lane->killed = true;
        lane_end_vm(lane);
        lane_event(lane, "kill", "SIGKILL to the VMM while the guest writes: %s", when);
}

/*
 * U-Boot keeps its variables in a file of the ESP: 24 bytes of header, in which the length of the whole stands at 16
 * and the CRC of the rest at 20. A file whose CRC is wrong is refused as a whole.
 */
static bool file_is_torn(const struct lane *lane)
{
        struct image_file disk;
        struct fat fat;
        size_t size = 0;
        uint8_t *bytes = lane_esp_open(lane, &disk, &fat) ? lane_esp_file(&fat, "ubootefi.var", &size) : NULL;
        uint32_t length = size < VARIABLES_HEADER ? 0 : image_le32(bytes + 16);
        bool torn = bytes &&
                    (length < VARIABLES_HEADER || length > size ||
                     crc32_update(0, bytes + VARIABLES_HEADER, length - VARIABLES_HEADER) != image_le32(bytes + 20));

        free(bytes);
        return torn;
}

/*
 * The last of the variables that were there before the writing began is not in the store. What the store is at that
 * moment is kept: a busy host lets a VMM write on for a while before its signal reaches it.
 */
static bool kept_is_gone(struct lane *lane)
{
        static const char name[] = "V\0m\0s\0p\0e\0c\0B\0e\0f\0o\0r\0e\0"
                                   "5\0";
        static uint8_t bytes[STORE_LOOKED_AT];
        ssize_t got = lane->store[0] < 0 ? -1 : pread(lane->store[0], bytes, sizeof(bytes), 0);

        if (got <= 0 || memmem(bytes, (size_t)got, name, sizeof(name) - 1))
                return false;
        lane->kill_store = malloc((size_t)got);
        lane->kill_store_size = lane->kill_store ? (size_t)got : 0;
        if (lane->kill_store)
                memcpy(lane->kill_store, bytes, (size_t)got);
        return true;
}

static void store_written(void *context)
{
        struct lane *lane = context;

        if (kept_is_gone(lane))
                kill_now(lane, "a variable that nobody writes is not in the store");
        else if (lane->store[0] < 0 && file_is_torn(lane))
                kill_now(lane, "the variables' file on the disk is half written");
        else if (lane->kill_anywhere)
                kill_now(lane, "behind a write to the store");
}

static void kill_anywhere(void *context)
{
        struct lane *lane = context;

        lane->kill_anywhere = true;
        if (loop_timer_set(lane->config.loop, KILL_LATEST_MS, kill_unseen, lane))
                kill_unseen(lane);
}

static void kill_unseen(void *context)
{
        kill_now(context, "no write to the store was seen");
}

/* The store, or the disk where the firmware keeps its variables there: what it writes next is the VMM's end. */
static void kill_search(void *context, const char *error)
{
        struct lane *lane = context;

        (void)error; /* writes that cannot be slowed down are looked at as they come */
        if (!lane->kill_awaited)
                return;
        if (file_watch_begin(lane->config.loop, lane->store[0] >= 0 ? lane->store[0] : lane->disk.fd, store_written,
                             lane) ||
            loop_timer_set(lane->config.loop, lane->store[0] < 0 ? KILL_SLOW_SEARCH_MS : KILL_SEARCH_MS, kill_anywhere,
                           lane))
                kill_unseen(lane);
}

static void kill_begin(void *context)
{
        struct lane *lane = context;

        if (lane->store[0] < 0)
                lane->config.hypervisor->slow_writes(lane->vm, kill_search, lane);
        else
                kill_search(lane, NULL);
}

/* When is drawn from the nonce, so that runs differ and the journal still says it. */
void lane_kill_soon(struct lane *lane)
{
        unsigned after = KILL_LEAST_MS + (unsigned)(lane->config.plan->plan.nonce % KILL_RANGE_MS);

        lane->kill_awaited = true;
        (void)loop_timer_set(lane->config.loop, after, kill_begin, lane);
}

void lane_kill_done(struct lane *lane)
{
        if (lane->kill_store && pwrite(lane->store[0], lane->kill_store, lane->kill_store_size, 0) < 0)
                lane_give_up(lane, "the store of the VMM that was killed cannot be written");
        free(lane->kill_store);
        lane->kill_store = NULL;
        if (lane->killed && lane->store[0] >= 0) {
                if (lane->config.machine->store == STORE_TORN)
                        store_tear(lane);
                else if (lane->config.machine->store == STORE_WRECKED)
                        store_wreck(lane);
        }
        lane->killed = lane->kill_anywhere = false;
}
