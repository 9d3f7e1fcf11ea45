/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guest and runner write for each other, on the journal partition and in the memory log: the only format that
 * both share. All numbers are little-endian; all offsets are bytes from the start of the partition.
 *
 *   0        plan     written by the runner before the first boot, read by the guest
 *   64 KiB   state    written by the guest: which attempt this is, how far the plan is done
 *   128 KiB  mailbox  written by the runner: the answer to the guest's last request
 *   1 MiB    slots    one per attempt (start of the application): records, one after the other
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"
#include "evidence.h"

/* The type GUID of the journal partition: 6c7e35f1-8a0d-4b55-9c1e-764d53504543. */
extern const uint8_t wire_partition_type[16];

/*
 * The vendor GUID of the variables that the suite writes, 7c3f2a11-5e64-4b0d-9d5a-764d53504543, and how their names
 * begin: what the runner looks for where no variable may be.
 */
extern const uint8_t wire_variable_guid[16];
#define WIRE_VARIABLE_PREFIX "Vmspec"

enum {
        WIRE_PLAN_OFFSET = 0,
        WIRE_PLAN_MAX = 64 * 1024,
        WIRE_STATE_OFFSET = 64 * 1024,
        WIRE_STATE_SIZE = 4096,
        WIRE_MAILBOX_OFFSET = 128 * 1024,
        WIRE_MAILBOX_SIZE = 16 * 1024, /* read whole: too large for a firmware's block cache */
        WIRE_SLOT_OFFSET = 1024 * 1024,
        WIRE_SLOT_SIZE = 4 * 1024 * 1024,
        WIRE_SLOTS = 24,
        WIRE_PARTITION_SIZE = WIRE_SLOT_OFFSET + WIRE_SLOTS * WIRE_SLOT_SIZE,
};

/* Records ----------------------------------------------------------------------------------------------------- */

enum wire_kind {
        WIRE_BOOT_BEGIN = 1, /* text: arch, catalogue, boot (index in the plan), attempt, counter, frequency */
        WIRE_CASE_BEGIN,     /* empty */
        WIRE_FACT,           /* struct fact, see wire_fact_put() */
        WIRE_CASE_END,       /* u32 held, u32 failed, u32 other */
        WIRE_EVIDENCE,       /* u32 evidence kind, u32 size of the whole, then the bytes without trailing zeros */
        WIRE_REQUEST,        /* text: what the guest asks of the runner */
        WIRE_MEMORY_LOG,     /* u64 physical address, u32 size: where records go from here on */
        WIRE_BOOT_END,       /* u32 enum ending */
        WIRE_KIND_END
};

enum { WIRE_NO_CASE = 0xffff, WIRE_HEADER = 32, WIRE_PAYLOAD_MAX = EVIDENCE_MAX + 64 };

struct wire_record {
        enum wire_kind kind;
        uint16_t case_id; /* enum case_id or WIRE_NO_CASE */
        uint64_t nonce;
        uint16_t attempt;
        uint8_t part; /* from 1; 0 where there is no case */
        uint8_t half; /* HALF_G or HALF_J; 0 where there is no case */
        uint32_t sequence;
        struct bytes payload;
};

/* Writes a record, padded to 8 bytes; returns the bytes used, or 0 where room is too small. */
size_t wire_record_put(uint8_t *to, size_t room, const struct wire_record *record);

enum wire_result {
        WIRE_OK,
        WIRE_END,  /* zeros: nothing was written here yet */
        WIRE_TORN, /* no record: bad magic, impossible length or kind, wrong CRC, or cut */
};

/* Reads the record at *at and steps over it; *ret and *at are untouched unless WIRE_OK. */
enum wire_result wire_record_get(struct bytes from, size_t *at, struct wire_record *ret);

/* A fact as payload; the strings are taken over byte by byte. Put returns the length, at most WIRE_FACT_MAX. */
enum { WIRE_FACT_MAX = 1 + FACT_PLACE + FACT_WHAT + 2 * FACT_TEXT };
size_t wire_fact_put(uint8_t to[WIRE_FACT_MAX], const struct fact *fact);
bool wire_fact_get(struct bytes payload, struct fact *ret);

/* Little-endian numbers at any alignment. */
void wire_put16(uint8_t *to, uint16_t value);
void wire_put32(uint8_t *to, uint32_t value);
void wire_put64(uint8_t *to, uint64_t value);
uint16_t wire_get16(const uint8_t *from);
uint32_t wire_get32(const uint8_t *from);
uint64_t wire_get64(const uint8_t *from);

/* The plan ---------------------------------------------------------------------------------------------------- */

/* How the guest ends a boot. */
enum ending {
        ENDING_RESET_COLD,
        ENDING_RESET_WARM,
        ENDING_SHUTDOWN,
        ENDING_PSCI_RESET,
        ENDING_PSCI_OFF,
        ENDING_KILLED,   /* the guest writes a variable again and again until the VMM is killed */
        ENDING_WATCHDOG, /* the guest waits, and leaves it to the platform's watchdog to reset it */
        ENDING_COUNT
};
/* "reset-cold" for ENDING_RESET_COLD. */
const char *ending_name(enum ending ending);

enum { PLAN_BOOTS_MAX = 16, PLAN_PARTS_MAX = 256, PLAN_TEXT_MAX = 2048 };

struct plan_part {
        uint16_t case_id;
        uint8_t part;
};

struct plan_boot {
        enum ending ending;
        unsigned gic; /* the GIC version that this boot's instance is started with; 0: none or not known */
        unsigned parts;
        struct plan_part part[PLAN_PARTS_MAX]; /* BOOT-stage parts first, those after ExitBootServices last */
};

struct plan {
        uint64_t catalogue;
        uint64_t nonce;
        bool attended; /* a runner answers requests */
        unsigned boots;
        struct plan_boot boot[PLAN_BOOTS_MAX];
        char told[PLAN_TEXT_MAX];   /* EVIDENCE_TOLD, but for the line gic=, which is the boot's */
        char defect[PLAN_TEXT_MAX]; /* lines "name=value" for the shim; empty in an honest run */
};

/* The shim's only line in a plan by which it waits for another plan, and what it says on the console when it does. */
#define WIRE_HOLD "hold\n"
#define WIRE_HELD "VS1 held"

/* True where the part runs after ExitBootServices: the first one of a RUNTIME or VIRTUAL case. */
bool plan_part_is_runtime(const struct plan_part *part);

/* Put returns the length, or 0 where the plan does not fit WIRE_PLAN_MAX; get is false for anything damaged. */
size_t plan_put(uint8_t *to, size_t room, const struct plan *plan);
bool plan_get(struct bytes from, struct plan *ret);

/* State and mailbox ------------------------------------------------------------------------------------------- */

struct wire_state {
        uint64_t nonce;
        uint32_t attempt;  /* slots used so far: the next start takes slot `attempt` */
        uint32_t boot;     /* index in the plan of the boot that was begun last */
        uint32_t begun;    /* parts of that boot that were begun */
        uint32_t finished; /* 1: that boot came to its end */
};

void wire_state_put(uint8_t to[WIRE_STATE_SIZE], const struct wire_state *state);
bool wire_state_get(const uint8_t from[WIRE_STATE_SIZE], uint64_t nonce, struct wire_state *ret);

enum { MAILBOX_TEXT = 256 };
struct wire_mailbox {
        uint64_t nonce;
        uint32_t attempt;
        uint32_t sequence; /* of the request record that is answered */
        uint32_t done;     /* 1: done as asked; 0: the text says why not */
        char text[MAILBOX_TEXT];
};

/*
 * After ExitBootServices there is no disk: a request is a line of console output, its answer a line of console input.
 * The guest counts its requests from 0 in each start; nonce and number must match, or nobody answers.
 */
#define WIRE_LINE_REQUEST "VMSPEC-REQUEST %016llx %u "  /* nonce, number; the request follows */
#define WIRE_LINE_ANSWER "VMSPEC-ANSWER %016llx %u %u " /* nonce, number, done; the text follows */
enum { WIRE_LINE_MAX = 64 + MAILBOX_TEXT };

/* The variables that are written before and after the guest is moved; they hold the nonce, and its complement. */
#define WIRE_MOVED_BEFORE "VmspecMoved"
#define WIRE_MOVED_AFTER "VmspecMovedOn"

/* How the answer to "migrate" begins where the VMM has no way to move this machine to another process. */
#define WIRE_NOT_MIGRATABLE "cannot be migrated: "

void wire_mailbox_put(uint8_t to[WIRE_STATE_SIZE], const struct wire_mailbox *mailbox);
bool wire_mailbox_get(const uint8_t from[WIRE_STATE_SIZE], uint64_t nonce, struct wire_mailbox *ret);
