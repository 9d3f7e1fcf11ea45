/* SPDX-License-Identifier: BSD-2-Clause */
/* The x86 entry as UEFI 2.4A section 2.3.4 has it, and what the memory map and the ACPI tables tell behind it. */
#include "judge.h"

#include "hwdesc.h"
#include "map.h"
#include "wire.h"

enum {
        CR0_PE = 1,
        EFER_LMA = 1 << 10,
        CR4_PAE = 1 << 5,
        FLAG_IF = 1 << 9,
        FLAG_DF = 1 << 10,
        STACK = 16,
        PRIVILEGE = 3,
        KEPT_SHARE = 32,     /* what firmware keeps of the RAM for itself: a part of so many, */
        KEPT_LEAST = 2 << 20 /* and so much beside it */
};

static const uint64_t cr0_pg = 1u << 31;

void judge_entry_is_in_long_mode(struct judge *j)
{
        uint64_t cr0, cr4, efer, cs, sp, flags;

        if (!judge_register(j, "CR0", &cr0) || !judge_register(j, "CR4", &cr4) || !judge_register(j, "EFER", &efer) ||
            !judge_register(j, "CS", &cs) || !judge_register(j, "Entry.RSP", &sp) ||
            !judge_register(j, "Entry.RFLAGS", &flags))
                return;
        CHECK_SAY(j, cr0 & CR0_PE && cr0 & cr0_pg, "CR0.PE and CR0.PG set", "0x%llx", (unsigned long long)cr0);
        CHECK_SAY(j, cr4 & CR4_PAE, "CR4.PAE set", "0x%llx", (unsigned long long)cr4);
        CHECK_SAY(j, efer & EFER_LMA, "EFER.LMA set", "0x%llx", (unsigned long long)efer);
        CHECK_SAY(j, !(cs & PRIVILEGE), "a CS of ring 0", "0x%llx", (unsigned long long)cs);
        CHECK_SAY(j, !(flags & FLAG_DF), "RFLAGS.DF clear", "0x%llx", (unsigned long long)flags);
        CHECK_SAY(j, flags & FLAG_IF, "RFLAGS.IF set", "0x%llx", (unsigned long long)flags);
        CHECK_SAY(j, (sp + sizeof(uint64_t)) % STACK == 0, "a stack aligned to 16 bytes before the call", "RSP 0x%llx",
                  (unsigned long long)sp);
}

/* Firmware keeps some of it, and a PC has a hole below 1 MiB: less is normal, and more cannot be. */
void judge_ram_is_what_the_vm_was_given(struct judge *j)
{
        struct bytes map = j->evidence->of[EVIDENCE_MEMORY_MAP];
        uint64_t told = 0, ram;

        if (!CHECK_SAY(j, map_readable(map), "a memory map", "%u bytes", (unsigned)map.size))
                return;
        if (!evidence_number(j->evidence, EVIDENCE_TOLD, "memory", &told)) {
                SKIP(j, "nobody told how much memory the VM was given");
                return;
        }
        ram = map_ram(map);
        NOTE_NUMBER(j, "bytes that the firmware keeps", told - ram);
        CHECK_IN(j, ram, told - told / KEPT_SHARE - KEPT_LEAST, told);
}

void judge_acpi_is_led_to(struct judge *j)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI], fadt;
        uint64_t address = 0;

        if (!CHECK_SAY(j, evidence_config_table(j->evidence, guid_acpi20, &address) && address,
                       "a configuration table with the ACPI 2.0 GUID", "none"))
                return;
        judge_rsdp_is_sound(j);
        fadt = acpi_table(acpi, "FACP", 0);
        CHECK_SAY(j, fadt.size && acpi_table(acpi, "XSDT", 0).size, "an XSDT with a FADT", "FADT of %u bytes",
                  (unsigned)fadt.size);
}
