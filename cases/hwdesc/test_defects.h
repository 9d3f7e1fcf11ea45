/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that each test of the judges is: a judge, a defect, the verdict; and the defects that several need. */
#pragma once

#include "test_machine.h"

static struct machine sound, machine;
static unsigned heard[FACT_KIND_END];
static struct fact failure; /* the first one heard */

static inline void fact_heard(struct check *check, const struct fact *fact)
{
        (void)check;
        if (fact->kind == FACT_FAILED && heard[FACT_FAILED] == 0)
                failure = *fact;
        heard[fact->kind]++;
}

/* The worst that the judge says of the machine, as the ledger ranks it. */
static inline enum fact_kind judged(judge_function *judge)
{
        static const enum fact_kind worst_first[] = {FACT_FAILED, FACT_ERROR, FACT_SKIP, FACT_NOT_APPLICABLE};
        struct judge j = {.check = {.tell = fact_heard}, .evidence = machine_evidence(&machine)};

        memset(heard, 0, sizeof(heard));
        judge(&j);
        for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
                if (heard[worst_first[i]])
                        return worst_first[i];
        assert_true(heard[FACT_PASSED] > 0);
        return FACT_PASSED;
}

static inline int machine_once(void **state)
{
        (void)state;
        if (!machine_make(&sound))
                sound.acpi_size = 0;
        return 0;
}

static inline void machine_ready(void)
{
        if (!sound.acpi_size)
                skip();
        machine = sound;
}

/* Defects that several need -------------------------------------------------------------------------------------- */

static inline void no_fdt(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_fdt, NULL);
}

static inline void no_acpi(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_acpi20, NULL);
}

static inline void neither(void)
{
        no_fdt();
        no_acpi();
}

static inline void node_delete(const char *path)
{
        assert_int_equal(fdt_del_node(machine.fdt, node_at(machine.fdt, path)), 0);
}

static inline void property_delete(const char *path, const char *name)
{
        assert_int_equal(fdt_delprop(machine.fdt, node_at(machine.fdt, path), name), 0);
}

static inline void text_set(const char *path, const char *name, const char *value)
{
        assert_int_equal(fdt_setprop_string(machine.fdt, node_at(machine.fdt, path), name, value), 0);
}

static inline void no_timer(void)
{
        node_delete("/timer");
}

static inline void no_console(void)
{
        property_delete("/chosen", "stdout-path");
        node_delete("/pl011@9000000");
}

static inline void psci_hvc_at_el2(void)
{
        line_change(&machine, EVIDENCE_REGISTERS, "CurrentEL", "0x2");
}

static inline void madt_change(size_t at, uint8_t value)
{
        uint8_t *madt = table_find(&machine, "APIC");

        madt[at] = value;
        table_seal(madt);
}

static inline void table_rename(const char *from, const char *to)
{
        uint8_t *table = table_find(&machine, from);

        memcpy(table, to, 4);
        table_seal(table);
}

static inline void spcr_change(size_t at, uint8_t value)
{
        uint8_t *spcr = table_find(&machine, "SPCR");

        spcr[at] = value;
        table_seal(spcr);
}

static inline void uart_moved_in_acpi(void)
{
        spcr_change(46, 4);
}

static inline void disk_change(const char *name, const char *value)
{
        line_change(&machine, EVIDENCE_DISK, name, value);
}

static inline void no_pci_in_aml(void)
{
        uint8_t *dsdt = table_find(&machine, "DSDT");

        dsdt[36] = 'X';
        table_seal(dsdt);
}

static inline void pci_as_eisa_id(void)
{
        uint8_t *dsdt = table_find(&machine, "DSDT");

        memcpy(dsdt + 36, "\x41\xd0\x0a\x03", 4);
        dsdt[40] = 0;
        table_seal(dsdt);
}

static inline void no_map(void)
{
        machine.map_size = 0;
}

struct defect {
        const char *name;
        judge_function *judge;
        void (*seed)(void);
        enum fact_kind verdict;
};

#define FAILS(judge, seed)                                                                                             \
        {                                                                                                              \
#seed, judge, seed, FACT_FAILED                                                                        \
        }
#define GIVES(judge, seed, verdict)                                                                                    \
        {                                                                                                              \
#seed, judge, seed, verdict                                                                            \
        }

struct suite {
        const struct defect *defect;
        size_t defects;
};

static struct suite suite;

static inline void sound_machine_passes(void **state)
{
        (void)state;
        machine_ready();
        for (size_t i = 0; i < suite.defects; i++) {
                if (suite.defect[i].judge == judge_exactly_one_description)
                        continue;
                if (judged(suite.defect[i].judge) != FACT_PASSED)
                        fail_msg("%s: %s: got %s, want %s", failure.place, failure.what, failure.got, failure.want);
        }
}

static inline void defects_are_seen(void **state)
{
        (void)state;
        for (size_t i = 0; i < suite.defects; i++) {
                machine_ready();
                suite.defect[i].seed();
                if (judged(suite.defect[i].judge) != suite.defect[i].verdict)
                        fail_msg("%s is not seen as %d by judge %zu", suite.defect[i].name, suite.defect[i].verdict, i);
        }
}

/* What every main() here does. */
static inline int defects_run(const struct defect *defect, size_t defects)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sound_machine_passes),
                cmocka_unit_test(defects_are_seen),
        };

        suite = (struct suite){defect, defects};
        return cmocka_run_group_tests(tests, machine_once, NULL);
}
