/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine was frozen with is never written again: every lane that goes on from it finds the same. */
#include "frozen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firmware.h"
#include "text.h"

enum { CONSOLE_MAX = 1024 * 1024 };

/* One machine on its way. */
struct way {
        struct freezing *freezing;
        struct loop *loop;
        struct machine machine; /* its firmware found */
        struct frozen *frozen;
        struct vm_frozen leaving;
        struct vm *vm;
        bool asked; /* the VMM is saving it */
        bool over;
        bool *all_over;
        struct way *first;
        size_t count;
};

static void way_end(struct way *way, const char *why)
{
        if (way->over)
                return;
        way->over = true;
        if (why) {
                text_copy(way->freezing->why, sizeof(way->freezing->why), why);
                frozen_free(way->frozen);
                way->frozen = NULL;
        }
        *way->all_over = true;
        for (size_t i = 0; i < way->count; i++)
                *way->all_over &= way->first[i].over;
}

static void saved(void *context, const char *error)
{
        way_end(context, error);
}

static void vm_event(void *context, enum vm_event event, const char *detail)
{
        if (event == VM_EXITED || event == VM_SHUTDOWN)
                way_end(context, *detail ? detail : "the guest powered off");
        else if (event == VM_VIRTIO_CONSOLE) /* of which a lane would know nothing */
                way_end(context, "it spoke on its virtio-console");
}

/* What the shim says when it stands still is not of the boot. */
static void vm_console(void *context, const void *bytes, size_t size)
{
        struct way *way = context;
        struct frozen *frozen = way->frozen;
        char *grown, *held;

        if (way->over || way->asked)
                return;
        grown = frozen->console_size + size <= CONSOLE_MAX ? realloc(frozen->console, frozen->console_size + size)
                                                           : NULL;
        if (!grown) {
                way_end(way, "there is no room for its console output");
                return;
        }
        memcpy(grown + frozen->console_size, bytes, size);
        frozen->console = grown;
        frozen->console_size += size;
        held = memmem(grown, frozen->console_size, WIRE_HELD, strlen(WIRE_HELD));
        if (!held)
                return;
        frozen->console_size = (size_t)(held - grown);
        way->asked = true;
        hypervisor_qemu.migrate(way->vm, frozen->state, saved, way);
}

static void way_late(void *context)
{
        way_end(context, "it did not get to the shim in time");
}

static int files_make(struct way *way, const char *shim_disk, char *error, size_t error_size)
{
        static const struct plan hold = {.defect = WIRE_HOLD};
        struct frozen *frozen = way->frozen = calloc(1, sizeof(*frozen));
        int result;

        if (!frozen)
                return -ENOMEM;
        frozen->disk.fd = frozen->store = frozen->memory = frozen->state = -1;
        result = suite_disk_copy(shim_disk, &frozen->disk, error, error_size);
        if (!result)
                result = suite_disk_plan(&frozen->disk, &hold);
        if (!result && machine_has_store(&way->machine))
                frozen->store = result = private_copy(way->machine.vars);
        if (result >= 0)
                frozen->memory = result = private_file(0);
        if (result >= 0)
                frozen->state = result = private_file(0);
        return result < 0 ? result : 0;
}

static void way_begin(struct way *way, const char *shim_disk)
{
        char error[300] = "out of memory";
        struct vm_config config;

        if (machine_copy(way->freezing->machine, &way->machine) || firmware_find(&way->machine, error, sizeof(error)) ||
            files_make(way, shim_disk, error, sizeof(error))) {
                way_end(way, error);
                return;
        }
        way->leaving = (struct vm_frozen){.memory = way->frozen->memory};
        config = vm_config_bare(&way->machine);
        config.frozen = &way->leaving;
        config.disk = way->frozen->disk.fd;
        config.store = way->frozen->store;
        way->vm = hypervisor_qemu.start(way->loop, &config, vm_event, vm_console, way, error, sizeof(error));
        if (!way->vm || loop_timer_set(way->loop, 1000 * way->machine.boot_timeout, way_late, way))
                way_end(way, error);
}

int frozen_make(struct freezing *freezing, size_t count, const char *shim_disk)
{
        struct way *ways = calloc(count + 1, sizeof(*ways));
        struct loop *loop = loop_new();
        bool all_over = count == 0;
        int result = ways && loop ? 0 : -ENOMEM;

        for (size_t i = 0; i < count && !result; i++)
                ways[i] = (struct way){
                        .freezing = &freezing[i], .loop = loop, .all_over = &all_over, .first = ways, .count = count};
        for (size_t i = 0; i < count && !result; i++)
                way_begin(&ways[i], shim_disk);
        if (!result)
                result = loop_run(loop, &all_over);
        for (size_t i = 0; i < count && ways; i++) {
                if (loop)
                        loop_timer_clear(loop, way_late, &ways[i]);
                if (ways[i].vm)
                        hypervisor_qemu.release(ways[i].vm);
                machine_free(&ways[i].machine);
                freezing[i].frozen = ways[i].frozen;
        }
        loop_free(loop);
        free(ways);
        return result;
}

void frozen_free(struct frozen *frozen)
{
        if (!frozen)
                return;
        for (size_t i = 0; i < 4; i++) {
                int fd = (const int[]){frozen->disk.fd, frozen->store, frozen->memory, frozen->state}[i];

                if (fd >= 0)
                        close(fd);
        }
        free(frozen->console);
        free(frozen);
}
