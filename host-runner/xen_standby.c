/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lab is saved as it stands ready, before it has a domain; a later one that is declared alike goes on from there with
 * disks of its own, and is booted where that fails.
 */
#include "xen_standby.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite_disk.h"
#include "xen_private.h"

enum { STANDBYS = 16 };

/* Those that are declared alike. A kind that comes up once is only booted: what came twice may well come again. */
struct xen_standby {
        char *kind;
        unsigned uses;
        enum { STANDBY_NONE, STANDBY_IN_MAKING, STANDBY_WHOLE, STANDBY_LOST } is;
        const struct vm *maker;
        int memory, state;
};

struct xen_standbys {
        size_t count;
        struct xen_standby standby[STANDBYS];
};

struct xen_standbys *xen_standbys_new(void)
{
        return calloc(1, sizeof(struct xen_standbys));
}

static void standby_close(struct xen_standby *standby)
{
        if (standby->memory >= 0)
                close(standby->memory);
        if (standby->state >= 0)
                close(standby->state);
        standby->memory = standby->state = -1;
}

void xen_standbys_free(struct xen_standbys *standbys)
{
        for (size_t i = 0; standbys && i < standbys->count; i++) {
                standby_close(&standbys->standby[i]);
                free(standbys->standby[i].kind);
        }
        free(standbys);
}

/* All that a lab's QEMU is started with, but for what the disks hold. NULL where memory is out. */
static char *kind_of(const struct vm *vm, const struct vm_config *lab)
{
        const struct machine *machine = &vm->lab_machine;
        char *text = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&text, &size);

        if (!to)
                return NULL;
        fprintf(to, "%08x gic %u setting %u disks", machine_digest(machine), lab->gic, lab->setting);
        fprintf(to, "%s%s%s%s", lab->disk >= 0 ? " this" : "", lab->other_disk >= 0 ? " other" : "",
                lab->blank_disk >= 0 ? " blank" : "", lab->hot_disk >= 0 ? " hot" : "");
        for (size_t i = 0; i < machine->arguments; i++)
                fprintf(to, "\n%s", machine->argument[i]);
        if (fclose(to)) {
                free(text);
                return NULL;
        }
        return text;
}

static struct xen_standby *standby_find(struct xen_standbys *standbys, char *kind)
{
        for (size_t i = 0; i < standbys->count; i++)
                if (strcmp(standbys->standby[i].kind, kind) == 0) {
                        free(kind);
                        return &standbys->standby[i];
                }
        if (standbys->count == STANDBYS) {
                free(kind);
                return NULL;
        }
        standbys->standby[standbys->count] = (struct xen_standby){.kind = kind, .memory = -1, .state = -1};
        return &standbys->standby[standbys->count++];
}

static void standby_begin(struct xen_standby *standby, const struct vm *vm)
{
        standby->memory = private_file(0);
        standby->state = private_file(0);
        standby->maker = vm;
        standby->is = standby->memory < 0 || standby->state < 0 ? STANDBY_LOST : STANDBY_IN_MAKING;
}

void xen_standby_choose(struct vm *vm, struct vm_config *lab)
{
        char *kind = vm->config.standbys && lab->setting == SETTING_PLAIN && !lab->image ? kind_of(vm, lab) : NULL;
        struct xen_standby *standby = kind ? standby_find(vm->config.standbys, kind) : NULL;

        vm->standby = standby;
        vm->goes_on = vm->is_saved = false;
        if (!standby)
                return;
        if (standby->is == STANDBY_NONE && ++standby->uses > 1)
                standby_begin(standby, vm);
        if (standby->is == STANDBY_WHOLE) /* every lab that goes on reads the state for itself, from its start */
                lab->incoming = private_reopen(standby->state);
        vm->goes_on = lab->incoming >= 0;
        vm->is_saved = standby->is == STANDBY_IN_MAKING && standby->maker == vm;
        vm->memory = (struct vm_frozen){standby->memory};
        if (vm->goes_on || vm->is_saved)
                lab->frozen = &vm->memory;
}

void xen_standby_lose(struct vm *vm)
{
        vm->standby->is = STANDBY_LOST; /* the descriptors may still be in use */
        vm->standby->maker = NULL;
}

void xen_standby_leave(struct vm *vm)
{
        if (vm->standby && vm->standby->maker == vm)
                xen_standby_lose(vm);
}

/* The lab is of no more use, saved or not: whoever goes on from its memory must be the only one that writes to it. */
static void lab_saved(void *context, const char *error)
{
        struct vm *vm = context;
        char text[XEN_TEXT];

        if (vm->begins_anew) /* it was given up */
                return;
        if (error)
                xen_standby_lose(vm);
        else
                vm->standby->is = STANDBY_WHOLE;
        vm->standby->maker = NULL;
        snprintf(text, sizeof(text), "the lab that stood ready was %s%s", error ? "not saved: " : "saved",
                 error ? error : "");
        vm->event(vm->context, VM_OTHER, text);
        vm->begins_anew = true;
        vm->carrier->end(vm->carried, true);
}

void xen_standby_save(struct vm *vm)
{
        vm->carrier->migrate(vm->carried, vm->standby->state, lab_saved, vm);
}
