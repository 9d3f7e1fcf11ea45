/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a lane share: lane.c (its life), lane_events.c (what its VMs do), lane_files.c (its files),
 * lane_stores.c (where variables are),
 * lane_deadline.c (how long they are waited for), collect.c (records), request.c (what the guest asks), request_line.c
 * (what it asks over the console), lane_kill.c (how a VM is killed), lane_migrate.c (how its guest is moved to another
 * one). */
#pragma once

#include "lane.h"
#include "suite_disk.h"
#include "text.h"

enum { LANE_HOT_DISK = 8 * 1024 * 1024, LANE_BLANK_DISK = 4 * 1024 * 1024, LANE_TAIL = 256, LANE_NAME_WIDE = 64 };

/* In the sequence of a request: it came over the console, and its answer goes there. */
#define LINE_REQUEST UINT32_C(0x80000000)

/* One half of a part of the plan: what the guest has told of it. */
struct unit {
        bool begun;
        bool ended;
        uint16_t facts;
};

/* The guest is moved to another VMM process. */
struct migration {
        bool tried;        /* in the VM that the boot was started with */
        bool under_way;    /* the guest stands still, or is about to */
        bool made;         /* the VM is the one that it was moved to */
        struct vm *target; /* where the guest has not come in yet, NULL: there is none */
        int stream;        /* what is saved of it; -1 */
        int store;         /* of the target; -1 */
};

struct lane {
        struct lane_config config;
        lane_done_function *config_done;
        void *done_context;
        struct vm *vm;
        struct suite_disk disk;
        int store[3]; /* of the first instance, the other one, the one with the other GIC */
        int hot_disk;
        int other_disk;
        int blank_disk;
        int memory_log;
        bool kill_awaited;   /* the boot is to end by it */
        uint8_t *kill_store; /* what the store was when the kill was decided; NULL: as the VMM leaves it */
        size_t kill_store_size;
        bool kill_anywhere; /* no worse moment came up: any write is the VMM's end */
        int console_fd;
        size_t console_size;
        uint32_t console_crc;

        unsigned boot;           /* of the plan */
        unsigned starts;         /* of the application */
        unsigned deaths;         /* since the plan last advanced */
        unsigned resets;         /* before the application began */
        bool killed;             /* as the boot was to end */
        bool thawed;             /* this VM goes on from the frozen one, and its application is still to begin */
        struct vm_frozen frozen; /* then */
        bool leaving;            /* the VMM was told to end */
        bool shut_down;          /* the guest powered off */
        bool advanced;           /* the plan has advanced already */
        bool done;               /* the plan's last boot is over */
        bool repeated;           /* the boot in which the application did not start is being made again */
        bool over;
        unsigned others;         /* remarks of the VMM */
        unsigned virtio_console; /* pieces of its output */
        char why[300];           /* it was given up; "" where not */

        unsigned patience;    /* milliseconds from the start to the application */
        uint64_t awaited;     /* see hypervisor.h, when it was last looked at */
        uint64_t attended;    /* the same, when the case in progress began, or what was before it ended */
        uint64_t attended_at; /* and when that was */
        unsigned given;       /* milliseconds that were added to patience or to the wait for a record since then */
        uint64_t started_at;  /* the VM, or its last reset */
        char tail[LANE_TAIL]; /* what the console said last in this start */
        size_t spoken;        /* characters that the console showed in this start */
        struct text_terminal terminal;

        unsigned slot;     /* that is being read */
        size_t slot_at;    /* up to where */
        uint32_t sequence; /* that comes next */
        bool began;
        bool ended;
        char refused[100]; /* why it turned deaf the last time */
        char lost[300];    /* why the VM ended, where that was neither its guest's doing nor the lane's; or "" */
        bool deaf;         /* the slot holds what no guest of this run wrote: nothing more is taken from it */
        uint16_t case_id;  /* in progress */
        struct unit *open; /* the half in progress */
        struct unit unit[PLAN_BOOTS_MAX][PLAN_PARTS_MAX][2]; /* guest half, judge half */
        uint32_t evidence;                                   /* kinds that came in this start, as bits */
        unsigned requests;                                   /* in this start */
        uint64_t begun_at;
        uint64_t log_address;
        uint32_t log_size;
        uint8_t *bytes; /* one record */
        size_t room;

        bool gone[2];           /* by enum vm_device: DEVICE_DELETED came since it was added */
        int waiting_for;        /* enum vm_device whose going the guest waits for, -1: none */
        uint64_t waiting_until; /* loop_now() of giving that up */
        uint32_t asked;         /* sequence of the request being answered */
        char request[MAILBOX_TEXT];
        bool meeting;             /* the guest waits for the lane beside this one */
        struct vm_config started; /* what its VM was started with */
        unsigned started_store;   /* index of its store */
        struct migration migration;

        unsigned line_requests;   /* that came over the console in this start */
        char line[WIRE_LINE_MAX]; /* of the console, up to now */
        size_t line_length;
        bool line_broken;        /* it holds what no request has */
        char late[MAILBOX_TEXT]; /* what is to be typed when its time has come */
};

void lane_event(struct lane *lane, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void lane_start_vm(struct lane *lane);
/* With which words a VM was started. */
void lane_tell_words(struct lane *lane, const struct vm *vm);
void lane_finish(struct lane *lane);
void lane_give_up(struct lane *lane, const char *why);
void lane_await_boot(struct lane *lane);
void lane_check_journal(struct lane *lane);
void lane_end_vm(struct lane *lane);
const struct plan_boot *lane_plan_boot(const struct lane *lane);
/* The machine that the boot is made on. */
const struct machine *lane_boot_machine(const struct lane *lane);

/* lane_events.c */
void lane_vm_event(void *context, enum vm_event event, const char *detail);
void lane_console(void *context, const void *bytes, size_t size);
/* The application did not start, and that is a finding: true, and the lane will go on. */
bool lane_missed(const struct lane *lane);

/* lane_deadline.c: the application must start within lane->patience. */
void lane_deadline_begin(struct lane *lane);
/* The next record must come soon, and the whole start must come to its end. */
void lane_progress(struct lane *lane);
void lane_deadline(void *context);
/*
 * For how long has the VMM had no processor since a case, or the application, began? Told of the case that ends, or,
 * with CASE_COUNT, of what was behind the last of them: after ExitBootServices nothing is heard until the start is
 * over.
 */
void lane_attend(struct lane *lane);
void lane_tell_starved(struct lane *lane, unsigned id);

/* lane_kill.c: the boot is to end by the VMM's death; nothing of that is waited for any longer. */
void lane_kill_soon(struct lane *lane);
void lane_kill_forget(struct lane *lane);
/* The VMM is dead: what that does to a store that cannot bear it. */
void lane_kill_done(struct lane *lane);

/* lane_files.c */
int lane_open_files(struct lane *lane, char *error, size_t error_size);
void lane_close_files(struct lane *lane);
/* A blank store for the boot's machine; -1 where it has none. 0 or a negative errno. */
int lane_store_make(const struct lane *lane, int *ret);
/* The descriptor of the store, made where it is not there yet; -1 where the machine has none. 0 or a negative errno. */
int lane_store(struct lane *lane, unsigned which, int *ret);
/* Another store in the place of that one: blank. 0 or a negative errno. */
int lane_store_renew(struct lane *lane, unsigned which);
/* The VM that is started begins where the frozen machine stands still: its incoming is to be closed. The same errors.
 */
int lane_thaw(struct lane *lane, struct vm_config *config);
/* Nearly fills a store, where its form is known, and says so. 0 or a negative errno. */
int lane_store_fill(struct lane *lane, int store);
/* What the boot's setting needs of disks. 0 or a negative errno. */
int lane_setting_prepare(struct lane *lane, enum setting setting);
/* Tells the guest that the boot is over: the next start goes on behind it. */
void lane_state_skip(struct lane *lane);
void lane_keep_console(struct lane *lane, const void *bytes, size_t size);
void lane_compare_disk(struct lane *lane);

/* lane_stores.c: what the disk and the stores hold. */
struct fat;
struct image_file;
/* The suite's disk with the file system of its ESP; false where there is none. Nothing is to be closed. */
bool lane_esp_open(const struct lane *lane, struct image_file *disk, struct fat *fat);
/* A file of its root, to be freed; NULL where it is not there, and of size 0 where it cannot be read. */
uint8_t *lane_esp_file(struct fat *fat, const char *name, size_t *ret_size);
/* The characters of an EFI variable's name with their end; returns how many bytes. */
size_t lane_name_wide(const char *name, uint8_t to[LANE_NAME_WIDE]);
/* Where the variables of NVF are kept, in one line. */
void lane_look_at_stores(struct lane *lane, char *to, size_t size);
/* Which files the flash chips are. */
void lane_tell_flash(struct lane *lane, int store, const char *code_path);
/* What is given to the PVH loader, or would be in the place of the probe: is it made for that? */
void lane_tell_pvh(struct lane *lane);
/* The firmware that a PVH loader is about to start, as its file is now. */
void lane_tell_blob(struct lane *lane);

/* collect.c: takes every whole record that is on the disk, or in the saved memory log. */
void lane_read(struct lane *lane);
void lane_read_log(struct lane *lane);
/* Says so where the slot's last bytes are no whole record. */
void lane_check_torn(struct lane *lane);

/* lane_migrate.c: moves the guest to another VM with a blank store, and answers its request. */
void lane_migrate(struct lane *lane);
/* Of a move that is under way nothing is left. */
void lane_migrate_drop(struct lane *lane);
/* The boot is over: where are the variables that the guest wrote before and after it was moved? */
void lane_migrate_look(struct lane *lane);
void lane_migrate_late(void *context);
/* It cannot be moved any more, and does not run: the lane is given up. */
void lane_migrate_fail(struct lane *lane, const char *why);

/* request.c */
/* Answers the request that the guest waits for. */
void lane_answer(struct lane *lane, bool done, const char *text);
void lane_request(struct lane *lane, uint32_t sequence, struct bytes text);
void lane_device_gone(struct lane *lane, const char *name);
/* Nobody waits for an answer any longer. */
void lane_requests_drop(struct lane *lane);
/* request_line.c: takes the requests out of console output; answers one. 0 or a negative errno. */
void lane_hear_line(struct lane *lane, const char *bytes, size_t size);
int lane_answer_line(struct lane *lane, bool done, const char *text);
/* The first block of the disk that is added while the guest runs. */
void lane_hot_block(const struct lane *lane, uint8_t block[512]);
