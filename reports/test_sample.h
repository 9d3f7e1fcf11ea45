/* SPDX-License-Identifier: BSD-2-Clause */
/* A ledger with a row of each shown kind, waivers, a baseline and hostile strings; for tests only. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"

#define HOSTILE "\x1b[2J\r\nok 1 - fake # SKIP <script>alert('x')</script> ]]> \"&amp;\\ \xff\xc3"

static void tell(struct subject *subject, enum case_id id, enum fact_kind kind, const char *what, const char *got,
                 const char *want)
{
        struct entry entry = {.fact = {.kind = kind, .place = "gpt.judge.c:14"}, .part = 1, .half = HALF_J};

        snprintf(entry.fact.what, sizeof(entry.fact.what), "%s", what);
        snprintf(entry.fact.got, sizeof(entry.fact.got), "%s", got);
        snprintf(entry.fact.want, sizeof(entry.fact.want), "%s", want);
        strcpy(entry.origin, "image");
        assert_true(row_add(subject_row(subject, id), &entry));
}

static void subject_about(struct subject *subject, const char *about)
{
        free(subject->about);
        subject->about = strdup(about);
        assert_non_null(subject->about);
}

/* Under draft2014: one row of each shown kind. */
static void image_tell(struct subject *subject)
{
        subject_about(subject, "64 MiB, raw");
        tell(subject, CASE_gpt_primary_header, FACT_PASSED, "header.revision", "0x10000 (65536)", "0x10000 (65536)");
        tell(subject, CASE_gpt_backup_header, FACT_PASSED, "my_lba", "0x1ffff (131071)", "0x1ffff (131071)");
        tell(subject, CASE_gpt_backup_header, FACT_FAILED, "crc", "0x1", "0x2");
        tell(subject, CASE_gpt_backup_header, FACT_FAILED, "name", HOSTILE, "plain");
        tell(subject, CASE_gpt_backup_header, FACT_NOTE, HOSTILE, HOSTILE, "");
        tell(subject, CASE_gpt_entry_array, FACT_FAILED, "entries", "overlap", "disjoint");
        subject_row(subject, CASE_gpt_entry_array)->waived = true;
        strcpy(subject_row(subject, CASE_gpt_entry_array)->waiver, "known # defect, see ticket 7");
        subject_row(subject, CASE_removable_path)->stand_in = "a substitute of <QEMU>";
        tell(subject, CASE_protective_mbr, FACT_ERROR, "", "the file could not be read: " HOSTILE, "");
        tell(subject, CASE_esp_type_guid, FACT_SKIP, "", "needs more than # this\nok 99 - fake", "");
        tell(subject, CASE_esp_is_only_one, FACT_FAILED, "ESPs", "2", "1");
        tell(subject, CASE_esp_is_fat32, FACT_NOT_APPLICABLE, "", "there is no ESP", "");
        tell(subject, CASE_esp_fat_is_clean, FACT_FAILED, "dirty", "true", "false");
        tell(subject, CASE_removable_path, FACT_PASSED, "size", "9", "at least 1");
        tell(subject, CASE_no_variable_store, FACT_FAILED, "stores", "1", "0");
}

static void machine_tell(struct subject *subject)
{
        char text[16];

        subject_about(subject, "a VMM; " HOSTILE);
        tell(subject, CASE_mbr_is_not_hybrid, FACT_FAILED, "record", "1", "0");
        tell(subject, CASE_hardware_is_described, FACT_PASSED, "tables", "1", "at least 1");
        tell(subject, CASE_fdt_lies_in_acpi_reclaim_memory, FACT_FAILED, "type", "4", "9");
        for (int i = 0; i < 20; i++) {
                snprintf(text, sizeof(text), "%d", i);
                tell(subject, CASE_gpt_primary_header, FACT_FAILED, "many", text, "none");
                tell(subject, CASE_gpt_primary_header, FACT_NOTE, "measured", text, "");
        }
}

/* One waiver of each state; what they name is hostile too. */
static void waivers_make(struct ledger *ledger)
{
        static const struct waiver waivers[] = {
                {"ticket-7", "IMG-03", "*.img", "known # defect", "2030-12-31", 2, false, 1},
                {"long-gone", "VAR-*", HOSTILE, HOSTILE, "2020-01-31", 8, true, 0},
                {"<x>\x1b[2J\n# &", "GIC-01", "none", "never seen", "2030-01-01", 14, false, 0},
        };

        ledger->waivers = sizeof(waivers) / sizeof(waivers[0]);
        ledger->waiver = malloc(sizeof(waivers));
        assert_non_null(ledger->waiver);
        memcpy(ledger->waiver, waivers, sizeof(waivers));
}

/* One row as expected, one worse, one better. */
static void baseline_make(struct subject *subject)
{
        static const struct expectation expected = {true, VERDICT_FAIL, "known: " HOSTILE};

        subject->baseline = true;
        subject->unjudged = 1;
        subject_row(subject, CASE_gpt_primary_header)->expected = expected;
        subject_row(subject, CASE_hardware_is_described)->expected = expected;
}

static void ledger_make(struct ledger *ledger)
{
        bool image[CASE_COUNT] = {
                [CASE_gpt_primary_header] = true, [CASE_gpt_backup_header] = true, [CASE_gpt_entry_array] = true,
                [CASE_protective_mbr] = true,     [CASE_esp_type_guid] = true,     [CASE_esp_is_only_one] = true,
                [CASE_esp_is_fat32] = true,       [CASE_esp_fat_is_clean] = true,  [CASE_removable_path] = true,
                [CASE_no_variable_store] = true};
        bool machine[CASE_COUNT] = {[CASE_gpt_primary_header] = true,
                                    [CASE_gpt_backup_header] = true,
                                    [CASE_mbr_is_not_hybrid] = true,
                                    [CASE_hardware_is_described] = true,
                                    [CASE_fdt_lies_in_acpi_reclaim_memory] = true};
        unsigned expected[CASE_COUNT] = {0}, ended[CASE_COUNT] = {0};

        *ledger = (struct ledger){.profile = PROFILE_DRAFT2014,
                                  .overlays = 1u << OVERLAY_XEN_ARM | 1u << OVERLAY_UEFI_CURRENT};
        for (int id = 0; id < CASE_COUNT; id++)
                expected[id] = ended[id] = 1;
        assert_non_null(ledger_add_subject(ledger, "disk.img", true, image));
        image_tell(&ledger->subject[0]);
        subject_settle(&ledger->subject[0], expected, ended);
        ended[CASE_gpt_backup_header] = 0;
        assert_non_null(ledger_add_subject(ledger, "machine " HOSTILE, false, machine));
        machine_tell(&ledger->subject[1]);
        subject_settle(&ledger->subject[1], expected, ended);
        baseline_make(&ledger->subject[1]);
        waivers_make(ledger);
}
