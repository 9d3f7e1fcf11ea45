/* SPDX-License-Identifier: BSD-2-Clause */
/* Each request of the guest gets one answer in the mailbox: done, or why not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lane_private.h"
#include "text.h"

enum { GONE_MS = 5000, FIRST_NUDGE_MS = 2, NUDGE_MS = 50, LATE_MS_MAX = 5000 };

void lane_answer(struct lane *lane, bool done, const char *text)
{
        static uint8_t block[WIRE_STATE_SIZE];
        struct wire_mailbox mailbox = {
                .nonce = lane->config.plan->plan.nonce,
                .attempt = lane->slot,
                .sequence = lane->asked,
                .done = done,
        };

        text_escape(mailbox.text, sizeof(mailbox.text), text, strlen(text));
        wire_mailbox_put(block, &mailbox);
        lane_event(lane, "request", "%s: %s%s%s", lane->request, done ? "done" : "not done", *text ? ": " : "",
                   mailbox.text);
        if (lane->asked & LINE_REQUEST) {
                if (lane->vm && lane_answer_line(lane, done, mailbox.text))
                        lane_event(lane, "request", "the answer could not be typed");
                return;
        }
        if (pwrite(lane->disk.fd, block, sizeof(block), (off_t)(lane->disk.journal + WIRE_MAILBOX_OFFSET)) !=
            (ssize_t)sizeof(block))
                lane_event(lane, "request", "the answer could not be written");
}

/* What the VMM is still to say, and which request it is for: the guest may have gone on to another one. */
struct outstanding {
        struct lane *lane;
        unsigned slot;
        uint32_t sequence;
};

static void vmm_replied(void *context, const char *error)
{
        struct outstanding *outstanding = context;
        struct lane *lane = outstanding->lane;

        if (outstanding->slot == lane->slot && outstanding->sequence == lane->asked)
                lane_answer(lane, !error, error ? error : "");
        else
                lane_event(lane, "request", "an answer came too late for its request");
        free(outstanding);
}

static void request_device(struct lane *lane, bool plug, enum vm_device device, unsigned bus)
{
        const struct hypervisor *hypervisor = lane->config.hypervisor;
        struct outstanding *outstanding = malloc(sizeof(*outstanding));

        if (!outstanding) {
                lane_answer(lane, false, "out of memory");
                return;
        }
        *outstanding = (struct outstanding){lane, lane->slot, lane->asked};
        if (!plug) {
                hypervisor->unplug(lane->vm, device, vmm_replied, outstanding);
                return;
        }
        lane->gone[device] = false;
        hypervisor->plug(lane->vm, device, bus, vmm_replied, outstanding);
}

static void gone_wait(void *context)
{
        struct lane *lane = context;

        if (loop_now() < lane->waiting_until && !loop_timer_set(lane->config.loop, NUDGE_MS, gone_wait, lane)) {
                if (lane->vm && !lane->leaving)
                        lane->config.hypervisor->nudge(lane->vm);
                return;
        }
        lane->waiting_for = -1;
        lane_answer(lane, false, "no DEVICE_DELETED came within 5 s");
}

void lane_device_gone(struct lane *lane, const char *name)
{
        int device = strcmp(name, "blk") == 0 ? VM_DEVICE_BLOCK : strcmp(name, "net") == 0 ? VM_DEVICE_NETWORK : -1;

        if (device < 0)
                return;
        lane->gone[device] = true;
        if (lane->waiting_for != device)
                return;
        lane->waiting_for = -1;
        loop_timer_clear(lane->config.loop, gone_wait, lane);
        lane_answer(lane, true, "");
}

static void request_gone(struct lane *lane, enum vm_device device)
{
        if (lane->gone[device]) {
                lane_answer(lane, true, "");
                return;
        }
        lane->waiting_for = (int)device;
        lane->waiting_until = loop_now() + GONE_MS * UINT64_C(1000000);
        if (loop_timer_set(lane->config.loop, FIRST_NUDGE_MS, gone_wait, lane))
                gone_wait(lane);
}

/* The lane beside this one ------------------------------------------------------------------------------------------
 */

enum { MEET_MS = 5000 };

static void meet_late(void *context)
{
        lane_met(context, false);
}

static void request_meet(struct lane *lane)
{
        if (!lane->config.meet) {
                lane_answer(lane, false, "no instance runs beside this one");
                return;
        }
        lane->meeting = true;
        if (loop_timer_set(lane->config.loop, MEET_MS, meet_late, lane))
                lane_met(lane, false);
        else
                lane->config.meet(lane->config.meet_context, lane);
}

bool lane_is_meeting(const struct lane *lane)
{
        return lane->meeting;
}

void lane_met(struct lane *lane, bool met)
{
        if (!lane->meeting)
                return;
        lane->meeting = false;
        loop_timer_clear(lane->config.loop, meet_late, lane);
        lane_answer(lane, met, met ? "" : "not yet");
}

/* The clock -------------------------------------------------------------------------------------------------------- */

static void request_clock(struct lane *lane)
{
        char text[40];

        snprintf(text, sizeof(text), "ns=0x%llx", (unsigned long long)loop_now());
        lane_answer(lane, true, text);
}

/* The time of day, which the guest's real time clock started from. */
static void request_time(struct lane *lane)
{
        char text[40];

        snprintf(text, sizeof(text), "s=0x%llx", (unsigned long long)time(NULL));
        lane_answer(lane, true, text);
}

/* What is on the disk, and where the variables are: all that the guest wrote before it asked. */
static void request_stores(struct lane *lane)
{
        char text[MAILBOX_TEXT];

        lane_look_at_stores(lane, text, sizeof(text));
        lane_answer(lane, true, text);
}

static void request_type(struct lane *lane, const char *token)
{
        char line[MAILBOX_TEXT + 1];
        int length = snprintf(line, sizeof(line), "%s\r", token);

        if (lane->config.hypervisor->type(lane->vm, line, (size_t)length))
                lane_answer(lane, false, "the console takes no input");
        else
                lane_answer(lane, true, "");
}

static void late_typed(void *context)
{
        struct lane *lane = context;
        char line[MAILBOX_TEXT + 1];
        int length = snprintf(line, sizeof(line), "%s\r", lane->late);

        if (!lane->vm || lane->leaving || lane->config.hypervisor->type(lane->vm, line, (size_t)length))
                lane_event(lane, "request", "what was to be typed late could not be");
}

/* "MILLISECONDS TOKEN": answered at once, typed then, so that the guest can keep its firmware's hands off the console.
 */
static void request_type_late(struct lane *lane, const char *words)
{
        char *token = NULL;
        unsigned long delay = strtoul(words, &token, 10);

        if (delay < 1 || delay > LATE_MS_MAX || *token != ' ' || !token[1]) {
                lane_answer(lane, false, "expected a delay of 1 to 5000 ms and what to type");
                return;
        }
        text_copy(lane->late, sizeof(lane->late), token + 1);
        if (loop_timer_set(lane->config.loop, (unsigned)delay, late_typed, lane))
                lane_answer(lane, false, "out of timers");
        else
                lane_answer(lane, true, "");
}

/* "blk" or "net", and for one of several buses its number; the device, or -1. */
static int device_read(const char *text, unsigned *ret_bus)
{
        static const char *const devices[] = {"blk", "net"};
        enum { NAME = 3 };
        bool numbered = strlen(text) == NAME + 2 && text[NAME] == ' ' && text[NAME + 1] >= '0' && text[NAME + 1] <= '7';

        *ret_bus = numbered ? (unsigned)(text[NAME + 1] - '0') : 0;
        for (int i = 0; i < 2; i++)
                if (strncmp(text, devices[i], NAME) == 0 && (numbered || !text[NAME]))
                        return i;
        return -1;
}

void lane_request(struct lane *lane, uint32_t sequence, struct bytes text)
{
        char verb[16] = "", rest[MAILBOX_TEXT] = "";
        const char *space;
        unsigned bus = 0;
        int device;

        lane_requests_drop(lane);
        lane->asked = sequence;
        text_escape(lane->request, sizeof(lane->request), text.data, text.size);
        space = strchr(lane->request, ' ');
        text_copy(verb, sizeof(verb), lane->request);
        verb[strcspn(verb, " ")] = 0;
        if (space)
                text_copy(rest, sizeof(rest), space + 1);
        device = device_read(rest, &bus);
        if (!lane->vm || lane->leaving) {
                lane_answer(lane, false, "the VM is gone");
        } else if (strcmp(verb, "clock") == 0) {
                request_clock(lane);
        } else if (strcmp(verb, "meet") == 0) {
                request_meet(lane);
        } else if (strcmp(verb, "migrate") == 0) {
                lane_migrate(lane);
        } else if (strcmp(verb, "time") == 0) {
                request_time(lane);
        } else if (strcmp(verb, "stores") == 0) {
                request_stores(lane);
        } else if (strcmp(verb, "type") == 0 && *rest) {
                request_type(lane, rest);
        } else if (strcmp(verb, "type-late") == 0) {
                request_type_late(lane, rest);
        } else if (strcmp(verb, "plug") == 0 && device >= 0) {
                request_device(lane, true, (enum vm_device)device, bus);
        } else if (strcmp(verb, "unplug") == 0 && device >= 0) {
                request_device(lane, false, (enum vm_device)device, bus);
        } else if (strcmp(verb, "gone") == 0 && device >= 0) {
                request_gone(lane, (enum vm_device)device);
        } else {
                lane_answer(lane, false, "unknown request");
        }
}

void lane_requests_drop(struct lane *lane)
{
        lane_migrate_drop(lane);
        lane->meeting = false;
        loop_timer_clear(lane->config.loop, meet_late, lane);
        lane->waiting_for = -1;
        loop_timer_clear(lane->config.loop, gone_wait, lane);
        loop_timer_clear(lane->config.loop, late_typed, lane);
}

void lane_hot_block(const struct lane *lane, uint8_t block[512])
{
        for (unsigned i = 0; i < 512; i++)
                block[i] = (uint8_t)i;
        memcpy(block, "VMSPEC-HOTPLUG\0", 16);
        wire_put64(block + 16, lane->config.plan->plan.nonce);
}
