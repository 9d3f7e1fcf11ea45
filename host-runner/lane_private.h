/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a lane share: lane.c (its life), collect.c (records), request.c (what the guest asks). */
#pragma once

#include "lane.h"
#include "suite_disk.h"

enum { LANE_HOT_DISK = 8 * 1024 * 1024 };

struct lane {
        struct lane_config config;
        lane_done_function *config_done;
        void *done_context;
        struct vm *vm;
        struct suite_disk disk;
        int store[3]; /* of the first instance, the other one, the one with the other GIC */
        int hot_disk;
        int memory_log;
        int notify;
        int console_fd;
        size_t console_size;

        unsigned boot;   /* of the plan */
        unsigned starts; /* of the application */
        unsigned deaths; /* since the plan last advanced */
        unsigned resets; /* before the application began */
        bool leaving;    /* the VMM was told to end */
        bool shut_down;  /* the guest powered off */
        bool advanced;   /* the plan has advanced already */
        bool over;

        unsigned slot;     /* that is being read */
        size_t slot_at;    /* up to where */
        uint32_t sequence; /* that comes next */
        bool began;
        bool ended;
        bool deaf;        /* the slot holds what no guest of this run wrote: nothing more is taken from it */
        uint16_t case_id; /* in progress */
        uint64_t log_address;
        uint32_t log_size;
        uint8_t *bytes; /* one record */
        size_t room;

        bool gone[2];           /* by enum vm_device: DEVICE_DELETED came since it was added */
        int waiting_for;        /* enum vm_device whose going the guest waits for, -1: none */
        uint64_t waiting_until; /* loop_now() of giving that up */
        uint32_t asked;         /* sequence of the request being answered */
        char request[MAILBOX_TEXT];
};

void lane_event(struct lane *lane, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void lane_await_boot(struct lane *lane);
void lane_progress(struct lane *lane);
void lane_vm_event(void *context, enum vm_event event, const char *detail);
void lane_console(void *context, const void *bytes, size_t size);
void lane_deadline(void *context);

/* collect.c: takes every whole record that is on the disk, or in the saved memory log. */
void lane_read(struct lane *lane);
void lane_read_log(struct lane *lane);
/* Says so where the slot's last bytes are no whole record. */
void lane_check_torn(struct lane *lane);

/* request.c */
void lane_request(struct lane *lane, uint32_t sequence, struct bytes text);
void lane_device_gone(struct lane *lane, const char *name);
void lane_requests_drop(struct lane *lane);
/* The first block of the disk that is added while the guest runs. */
void lane_hot_block(const struct lane *lane, uint8_t block[512]);
