/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever went wrong in between, a plug cycle ends with an empty slot as far as the platform lets it. */
#include "plug.h"

#include "aml.h"

enum { NATIVE_HOTPLUG = 1 }; /* in the control field of _OSC */
enum { CAME = SLOT_PRESENCE_CHANGED | SLOT_LINK_CHANGED, LEAVES = CAME | SLOT_ATTENTION };

bool plug_is_xen(struct guest *g)
{
        return g->hw->xen && !g->hw->root[0].ecam.size;
}

bool plug_is_by_acpi(struct guest *g)
{
        uint32_t control = 0;

        return g->hw->source && strcmp(g->hw->source, "ACPI") == 0 &&
               aml_osc_control(g->evidence->of[EVIDENCE_ACPI], &control) && !(control & NATIVE_HOTPLUG);
}

bool plug_find_slot(struct plug *p)
{
        struct guest *g = p->g;
        unsigned slots, empty;

        if (!pci_described(g))
                return false;
        slots_find(g, &p->slots);
        slots = p->slots.count;
        if (!CHECK_SAY(g, slots != 0, "a hot-pluggable slot", slots ? "%u of them" : "no hot-pluggable slot", slots))
                return false;
        empty = slots_keep_empty(g, &p->slots);
        return CHECK_SAY(g, empty != 0, "a hot-pluggable slot with nothing in it", "%u of %u are empty", empty, slots);
}

/* A host that refuses speaks for the platform; one that is not there, or falls silent, does not. */
static bool host_adds(struct plug *p)
{
        struct guest *g = p->g;
        char answer[MAILBOX_TEXT], number[8] = "";

        if (!g->attended) {
                SKIP(g, "nobody answers requests: the host cannot be asked for a device");
                return false;
        }
        if (p->bus)
                text_format(number, sizeof(number), " %u", p->bus);
        p->added = guest_ask(g, answer, "plug %s%s", p->what, number);
        if (!g->attended) {
                SUITE_ERROR(g, "%s", answer);
                return false;
        }
        return CHECK_SAY(g, p->added, "the host adds the device", "%s", p->added ? "added" : answer);
}

/* Any of the slots will do: the host chooses. */
static bool device_came(void *context)
{
        struct plug *p = context;

        for (unsigned i = 0; i < p->slots.count && !p->slot; i++) {
                struct slot *slot = &p->slots.slot[i];

                p->events = slot_status(p->g, slot);
                if (p->events & LEAVES || slot_answers(p->g, slot))
                        p->slot = slot;
        }
        return p->slot;
}

/* The attention button may come before what it announces. */
static bool device_present(void *context)
{
        struct plug *p = context;

        p->events |= slot_status(p->g, p->slot);
        return (p->events & CAME) && (p->events & SLOT_PRESENT);
}

struct answering {
        struct guest *g;
        const struct slot *slot;
};

static bool device_answers(void *context)
{
        struct answering *a = context;

        return slot_answers(a->g, a->slot);
}

static uint64_t microseconds_since(uint64_t start)
{
        uint64_t megahertz = arch_counter_frequency() / 1000000;

        return megahertz ? (arch_counter() - start) / megahertz : 0;
}

bool plug_in(struct plug *p)
{
        struct guest *g = p->g;
        struct answering answering;
        uint64_t start;
        bool came, present, answers;

        if (plug_is_by_acpi(g)) {
                SKIP(g, "hotplug is ACPI's here: _OSC keeps the slots from the guest, and no AML is run that would "
                        "announce a device");
                return false;
        }
        for (unsigned i = 0; i < p->slots.count; i++)
                slot_open(g, &p->slots.slot[i], &p->slots);
        if (!host_adds(p))
                return false;
        start = arch_counter();
        came = guest_wait(g, PLUG_MS, device_came, p);
        if (!CHECK_SAY(g, came, "a sign of the device in a slot within 5 s", "%s",
                       came ? slot_name(p->slot).text : "no event in any slot"))
                return false;
        present = guest_wait(g, PLUG_MS, device_present, p);
        CHECK_SAY(g, present, "Presence Detect Changed or Link State Changed, and Presence Detect State",
                  "Slot Status 0x%x", p->events);
        if (p->arrived)
                p->arrived(p);
        slot_power(g, p->slot, true);
        answering = (struct answering){g, p->slot};
        answers = guest_wait(g, PLUG_MS, device_answers, &answering);
        NOTE_NUMBER(g, "microseconds_to_config", microseconds_since(start));
        slot_forget_events(g, p->slot);
        return CHECK_SAY(g, answers, "the device answers in configuration space within 5 s of power-on", "%s",
                         answers ? "it answers" : "all ones");
}

static bool device_leaves(void *context)
{
        struct answering *a = context;

        return (slot_status(a->g, a->slot) & LEAVES) || !slot_answers(a->g, a->slot);
}

/* A device that turned up in no slot is taken back by the host alone. */
static void device_out(struct plug *p, struct unplugged *ret)
{
        struct slot *slot = p->slot;
        struct answering answering = {p->g, slot};

        if (slot)
                slot_forget_events(p->g, slot);
        ret->asked = guest_ask(p->g, ret->answer, "unplug %s", p->what);
        if (!ret->asked || !slot)
                return;
        (void)guest_wait(p->g, PLUG_MS, device_leaves, &answering);
        ret->events = slot_status(p->g, slot) & LEAVES;
        slot_power(p->g, slot, false);
        ret->silent = !slot_answers(p->g, slot);
        ret->gone = guest_ask(p->g, ret->gone_answer, "gone %s", p->what);
}

void plug_out(struct plug *p, struct unplugged *ret)
{
        *ret = (struct unplugged){.asked = false};
        if (p->added)
                device_out(p, ret);
        for (unsigned i = 0; i < p->slots.count; i++)
                slot_close(p->g, &p->slots.slot[i]);
}
