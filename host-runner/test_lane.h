/* SPDX-License-Identifier: BSD-2-Clause */
/* A lane on the VMM of test_guest.h, from its plan to the verdicts; for tests only. */
#pragma once

#include <stdio.h>

#include "lane.h"
#include "test_guest.h"
#include "scratch.h"
#include "verdicts.h"

static void lane_over(void *context, struct lane *lane)
{
        bool *over = context;

        lane_free(lane);
        *over = true;
}

/* What the run writes of a lane before it starts. */
static void header_write(struct journal *journal, const char *machine, const struct lane_plan *lane)
{
        bool named[CASE_COUNT] = {false};
        json_t *names = json_array(), *boots = json_array();
        char catalogue[24];

        for (unsigned b = 0; b < lane->plan.boots; b++) {
                json_t *parts = json_array();

                for (unsigned p = 0; p < lane->plan.boot[b].parts; p++) {
                        const struct plan_part *part = &lane->plan.boot[b].part[p];

                        json_array_append_new(
                                parts, json_pack("{s:s, s:i}", "case", cases[part->case_id].name, "part", part->part));
                        if (!named[part->case_id])
                                json_array_append_new(names, json_string(cases[part->case_id].name));
                        named[part->case_id] = true;
                }
                json_array_append_new(boots, json_pack("{s:b, s:o}", "absent", lane->absent[b], "parts", parts));
        }
        snprintf(catalogue, sizeof(catalogue), "0x%016llx", (unsigned long long)catalogue_hash);
        assert_int_equal(journal_write(journal, json_pack("{s:s, s:s}", "event", "run", "catalogue", catalogue)), 0);
        assert_int_equal(journal_write(journal, json_pack("{s:s, s:s, s:s, s:o, s:[]}", "event", "subject", "machine",
                                                          machine, "about", "", "cases", names, "not_applicable")),
                         0);
        assert_int_equal(journal_write(journal, json_pack("{s:s, s:i, s:s, s:o}", "event", "lane", "lane", 0, "machine",
                                                          machine, "boots", boots)),
                         0);
}

static const struct frozen *lane_frozen; /* see struct lane_config */

/* One lane whose guest does what the script says in every VM, and what is judged of it; the caller frees the ledger. */
static void plan_run(const struct lane_plan *plan, const struct machine *machine, script_function *what,
                     struct ledger *ret)
{
        char folder[] = "/tmp/vmspec-lane-XXXXXX", error[600] = "";
        struct loop *loop = loop_new();
        struct journal *journal;
        bool over = false;
        struct lane *lane;

        script = what;
        vms_started = vms_released = vms_ended_hard = vms_silent = 0;
        assert_non_null(mkdtemp(folder));
        journal = journal_create(folder, error, sizeof(error));
        assert_non_null(journal);
        header_write(journal, machine->id, plan);
        lane = lane_start(&(struct lane_config){.loop = loop,
                                                .journal = journal,
                                                .hypervisor = &fake,
                                                .machine = machine,
                                                .plan = plan,
                                                .suite_disk = TEST_BUILD_DIR "/suite.img",
                                                .other_disk = TEST_BUILD_DIR "/suite.img",
                                                .accelerator = "tcg",
                                                .frozen = lane_frozen},
                          lane_over, &over, error, sizeof(error));
        assert_non_null(lane);
        assert_int_equal(loop_run(loop, &over), 0);
        assert_int_equal(journal_write(journal, json_pack("{s:s}", "event", "end")), 0);
        journal_close(journal);
        loop_free(loop);
        assert_true(vms_started > 0);
        assert_int_equal(vms_released, vms_started);
        assert_int_equal(verdicts_read(folder, ret, error, sizeof(error)), 0);
        folder_remove(folder);
}

static void row_expect(struct ledger *ledger, enum case_id id, enum verdict verdict, const char *reason)
{
        const struct row *row = subject_row(&ledger->subject[0], id);

        assert_non_null(row);
        if (row->verdict != verdict || !strstr(row->reason, reason))
                fail_msg("%s: got %s (%s), want %s (%s)", cases[id].name, verdict_name(row->verdict), row->reason,
                         verdict_name(verdict), reason);
}

/* The journal partition of the suite's disk, where the guest writes. False with a sentence on stderr. */
static bool journal_find(void)
{
        struct suite_disk disk;
        char error[300];

        if (suite_disk_copy(TEST_BUILD_DIR "/suite.img", &disk, error, sizeof(error))) {
                fprintf(stderr, "%s\n", error);
                return false;
        }
        journal_offset = disk.journal;
        close(disk.fd);
        return true;
}
