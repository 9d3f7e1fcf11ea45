/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the image boots share: image_boot.c (which trials), image_trial.c (one of them), image_vm.c (its
 * machine and disk), image_tree.c (its device tree). */
#pragma once

#include "hypervisor.h"
#include "image_boot.h"
#include "image_file.h"
#include "journal.h"
#include "loop.h"
#include "trial.h"

enum {
        BOOT_TRIALS = 24,
        BOOT_CONSOLE_MAX = 8 * 1024 * 1024, /* of one trial; more is a flood, and ends it */
        BOOT_TREE_MAX = 1024 * 1024,
};

struct boot;

struct trial_run {
        struct boot *boot;
        unsigned number; /* in the journal */
        unsigned varied;
        struct machine machine;
        struct vm_image image;
        const struct hypervisor *hypervisor;
        struct vm *vm;
        int store;
        int overlay; /* -1: handed on */
        int log;
        uint8_t *console;
        size_t size, room;
        uint64_t begun;   /* loop_now() */
        uint64_t reached; /* milliseconds until the marker; 0: not yet */
        uint64_t rtc;
        unsigned resets;
        bool first;  /* the disk that it leaves is booted again */
        bool ending; /* the VMM was told to end */
        bool over;
        enum trial_end end;
        char how[200];
};

/* One image and its trials. */
struct boot {
        const struct image_boot_options *options;
        struct loop *loop;
        struct journal *journal;
        const char *path;
        struct image_file file;
        struct machine machine; /* its firmware found */
        struct machine xen;     /* likewise, where there is one */
        unsigned *numbers;      /* of the next trial, over all images */
        unsigned needed;        /* enum trial_vary bits that the selected cases ask for */

        unsigned queue[BOOT_TRIALS]; /* masks, in the order in which they are to be tried */
        size_t queued, next;
        struct trial_run *live[BOOT_TRIALS];
        size_t running;
        enum trial_end ended[BOOT_TRIALS]; /* by place in the queue */
        bool over[BOOT_TRIALS];
        unsigned base;    /* the mask of the plain VM */
        bool base_known;  /* the image reached its marker in it */
        bool base_lost;   /* in none */
        int kept;         /* the disk as the first boot of the plain VM left it; -1: none */
        uint64_t seconds; /* that a trial may take */
        const char *tree; /* path of the device tree with an SBSA UART; "": there is none */
        bool done;
};

/* image_trial.c: starts one; boot_trial_over() follows. 0 or a negative errno after it said why in the journal. */
int trial_start(struct boot *boot, unsigned varied, struct trial_run **ret);
void trial_deadline_set(struct trial_run *trial);
void trial_free(struct trial_run *trial);
void trial_end_say(struct boot *boot, unsigned number, enum trial_end end, const char *how, uint64_t milliseconds,
                   size_t console, uint32_t crc);

/* image_verdicts.c: as the journal names them. */
extern const char *const boot_fact_kinds[FACT_KIND_END];

/* image_boot.c */
void boot_trial_over(struct boot *boot, struct trial_run *trial);

/* image_vm.c */
int trial_machine(const struct boot *boot, unsigned varied, struct machine *ret, uint64_t *ret_rtc, char *error,
                  size_t error_size);

/* image_tree.c: makes the device tree with an SBSA UART, and its path. 0; or negative errno and a sentence. */
int tree_make(struct boot *boot, char *path, size_t path_size, char *error, size_t error_size);
