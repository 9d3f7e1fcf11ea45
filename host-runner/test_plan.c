/* SPDX-License-Identifier: BSD-2-Clause */
/* Every part of every case is in the plan once, in its order; and no boot is made that no case asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "plan.h"
#include "plan_print.h"

static struct lane_plan lanes[LANES_MAX];

/* A machine that lacks nothing that a route asks for. */
static struct machine able(const char *arch)
{
        return (struct machine){.id = "able",
                                .hypervisor = "qemu",
                                .arch = (char *)(uintptr_t)arch,
                                .gic = 3,
                                .other_gic = 2,
                                .firmware = FIRMWARE_FLASH,
                                .store = STORE_FLASH,
                                .broken_module = "",
                                .recorded_tables = "",
                                .pvh_firmware = "probe",
                                .boot_transports = "virtio-mmio virtio-scsi nvme usb ahci",
                                .aarch32 = "sibling"};
}

static void select_all(const struct machine *machine, bool selected[CASE_COUNT])
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                selected[id] = !stage_is_of_image(cases[id].stage) && !plan_not_applicable(machine, id);
}

/* Where a part is: lane and boot in one number; the test fails unless it is there exactly once. */
static unsigned part_place(unsigned count, unsigned id, unsigned part)
{
        unsigned place = 0, times = 0;

        for (unsigned l = 0; l < count; l++)
                for (unsigned b = 0; b < lanes[l].plan.boots; b++)
                        for (unsigned p = 0; p < lanes[l].plan.boot[b].parts; p++) {
                                const struct plan_part *at = &lanes[l].plan.boot[b].part[p];

                                if (at->case_id != id || at->part != part)
                                        continue;
                                place = l * PLAN_BOOTS_MAX + b;
                                times++;
                        }
        if (times != 1)
                fail_msg("%s: part %u is planned %u times", cases[id].name, part, times);
        return place;
}

/* Its parts are in one lane, one after the other; those of a pair of instances in two. */
static void case_assert(unsigned count, unsigned id)
{
        enum route route = cases[id].route;

        for (unsigned part = 2; part <= route_parts(route); part++) {
                unsigned before = part_place(count, id, part - 1), at = part_place(count, id, part);
                bool pair = route == ROUTE_SIDE_BY_SIDE;

                assert_int_equal(at / PLAN_BOOTS_MAX, before / PLAN_BOOTS_MAX + pair);
                assert_true(pair || at > before);
                if (route == ROUTE_BOOT_OPTION || route == ROUTE_WARM_RESET)
                        assert_int_equal(at, before + 1);
        }
        (void)part_place(count, id, 1);
}

static bool is_reset(enum ending ending)
{
        return ending == ENDING_RESET_COLD || ending == ENDING_RESET_WARM || ending == ENDING_PSCI_RESET ||
               ending == ENDING_WATCHDOG;
}

static void lane_assert(const struct lane_plan *lane)
{
        static uint8_t bytes[WIRE_PLAN_MAX];

        assert_true(lane->plan.boots > 0);
        assert_int_equal(lane->arrival[0], ARRIVAL_FIRST);
        for (unsigned b = 0; b < lane->plan.boots; b++) {
                assert_true(lane->plan.boot[b].parts > 0);
                assert_int_equal(b > 0 && lane->arrival[b] == ARRIVAL_RESET,
                                 b > 0 && is_reset(lane->plan.boot[b - 1].ending));
        }
        assert_false(is_reset(lane->plan.boot[lane->plan.boots - 1].ending));
        assert_true(plan_put(bytes, sizeof(bytes), &lane->plan) > 0);
}

static void all_cases_are_packed(void **state)
{
        static const char *const archs[] = {"aarch64", "arm", "x86_64"};

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                struct machine machine = able(archs[i]);
                bool selected[CASE_COUNT];
                unsigned count;

                select_all(&machine, selected);
                count = plan_make(&machine, selected, lanes);
                assert_in_range(count, 1, LANES_MAX);
                for (unsigned l = 0; l < count; l++)
                        lane_assert(&lanes[l]);
                for (unsigned id = 0; id < CASE_COUNT; id++)
                        if (selected[id])
                                case_assert(count, id);
        }
}

/* One case alone makes as many boots as it has parts, whatever its route. */
static void case_alone_asks_for_its_boots(void **state)
{
        struct machine machine = able("aarch64");

        (void)state;
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                bool selected[CASE_COUNT] = {false};
                unsigned count, boots = 0;

                if (stage_is_of_image(cases[id].stage) || plan_not_applicable(&machine, id))
                        continue;
                selected[id] = true;
                count = plan_make(&machine, selected, lanes);
                for (unsigned l = 0; l < count; l++) {
                        lane_assert(&lanes[l]);
                        boots += lanes[l].plan.boots;
                }
                assert_int_equal(boots, route_parts(cases[id].route));
        }
}

static void nothing_selected_makes_no_boot(void **state)
{
        struct machine machine = able("aarch64");
        bool selected[CASE_COUNT] = {false};

        (void)state;
        assert_int_equal(plan_make(&machine, selected, lanes), 0);
}

/* A second case of boot options costs one boot; a warm reset in front of them one, too. */
static void boot_options_are_a_chain(void **state)
{
        struct machine machine = able("aarch64");
        bool selected[CASE_COUNT] = {false};

        (void)state;
        selected[CASE_written_option_is_booted] = selected[CASE_boot_next_is_used_once] = true;
        assert_int_equal(plan_make(&machine, selected, lanes), 1);
        assert_int_equal(lanes[0].plan.boots, 3);
        assert_true(lanes[0].goes_on[0] && lanes[0].again);
        selected[CASE_reset_warm_restarts] = true;
        assert_int_equal(plan_make(&machine, selected, lanes), 1);
        assert_int_equal(lanes[0].plan.boots, 4);
        assert_int_equal(lanes[0].plan.boot[0].ending, ENDING_RESET_WARM);
        assert_int_equal(lanes[0].plan.boot[0].parts, 1);
}

/* That a machine names no AArch32 form is for the case to judge: it has its first boot all the same. */
static void missing_sibling_is_judged(void **state)
{
        struct machine machine = able("aarch64");
        bool selected[CASE_COUNT] = {false};

        (void)state;
        machine.aarch32 = "";
        selected[CASE_aarch32_instance_boots] = true;
        assert_null(plan_not_applicable(&machine, CASE_aarch32_instance_boots));
        assert_int_equal(plan_make(&machine, selected, lanes), 1);
        assert_int_equal(lanes[0].plan.boots, 1);
        assert_int_equal(lanes[0].setting[0], SETTING_PLAIN);
}

static void what_is_not_offered_does_not_apply(void **state)
{
        struct machine machine = able("aarch64");

        (void)state;
        machine.boot_transports = "virtio-scsi nvmes";
        assert_non_null(plan_not_applicable(&machine, CASE_boots_from_nvme));
        assert_non_null(plan_not_applicable(&machine, CASE_boots_from_usb));
        assert_non_null(plan_not_applicable(&machine, CASE_removable_medium_is_booted_first));
        assert_null(plan_not_applicable(&machine, CASE_boots_from_virtio_scsi));
}

static void what_leaps_over_time_cannot_run_on_xen(void **state)
{
        struct machine machine = able("aarch64");

        (void)state;
        assert_null(plan_cannot_run(&machine, CASE_watchdog_resets));
        machine.hypervisor = "xen";
        assert_non_null(plan_cannot_run(&machine, CASE_watchdog_resets));
        assert_null(plan_cannot_run(&machine, CASE_clock_tells_the_time));
        assert_null(plan_not_applicable(&machine, CASE_watchdog_resets));
}

static void what_needs_a_device_model_cannot_run_on_xen(void **state)
{
        struct machine machine = able("x86_64");

        (void)state;
        machine.firmware = FIRMWARE_PVH;
        assert_null(plan_cannot_run(&machine, CASE_pvh_firmware_starts_elsewhere));
        machine.hypervisor = "xen";
        assert_non_null(plan_cannot_run(&machine, CASE_pvh_firmware_starts_elsewhere));
        assert_null(plan_cannot_run(&machine, CASE_pvh_entry_state_is_right));
}

/* Printing --------------------------------------------------------------------------------------------------------- */

static char *print(const struct machine *machine, const bool selected[CASE_COUNT], bool json)
{
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        assert_non_null(to);
        assert_int_equal(plan_print((const struct machine *const[]){machine, NULL}, selected, json, to), 0);
        fclose(to);
        return text;
}

static void text_says_why_each_boot_is_made(void **state)
{
        struct machine machine = able("x86_64");
        bool selected[CASE_COUNT] = {false};
        char *text;

        (void)state;
        selected[CASE_var_survives_reset] = selected[CASE_entry_is_at_el1] = true;
        text = print(&machine, selected, false);
        assert_string_equal(text,
                            "machine able: 1 lanes, 2 boots\n"
                            "  lane 1\n"
                            "    boot 1: arrival first, setting plain, ending reset-cold\n"
                            "      why: ResetSystem(EfiResetCold) in the same VMM process (reset)\n"
                            "        VAR-02   var_survives_reset, part 1 of 2\n"
                            "    boot 2: arrival reset, setting plain, ending shutdown\n"
                            "      why: ResetSystem(EfiResetCold) in the same VMM process (reset)\n"
                            "        VAR-02   var_survives_reset, part 2 of 2\n"
                            "  not planned: CPU-01 entry_is_at_el1: the machine is x86_64, the clause is about Arm\n");
        free(text);
}

static void json_has_every_boot(void **state)
{
        struct machine machine = able("aarch64");
        bool selected[CASE_COUNT];
        json_t *all, *lane, *boot;
        unsigned count;
        char *text;
        size_t l, b;

        (void)state;
        select_all(&machine, selected);
        text = print(&machine, selected, true);
        all = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        free(text);
        assert_int_equal(json_array_size(all), 1);
        count = plan_make(&machine, selected, lanes);
        assert_int_equal(json_array_size(json_object_get(json_array_get(all, 0), "lanes")), count);
        json_array_foreach(json_object_get(json_array_get(all, 0), "lanes"), l, lane)
        {
                assert_int_equal(json_array_size(json_object_get(lane, "boots")), lanes[l].plan.boots);
                json_array_foreach(json_object_get(lane, "boots"), b, boot)
                {
                        assert_true(json_array_size(json_object_get(boot, "why")) > 0);
                        assert_int_equal(json_array_size(json_object_get(boot, "parts")), lanes[l].plan.boot[b].parts);
                        assert_string_equal(json_string_value(json_object_get(boot, "setting")),
                                            setting_name(lanes[l].setting[b]));
                }
        }
        json_decref(all);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_cases_are_packed),
                cmocka_unit_test(case_alone_asks_for_its_boots),
                cmocka_unit_test(nothing_selected_makes_no_boot),
                cmocka_unit_test(boot_options_are_a_chain),
                cmocka_unit_test(missing_sibling_is_judged),
                cmocka_unit_test(what_is_not_offered_does_not_apply),
                cmocka_unit_test(what_leaps_over_time_cannot_run_on_xen),
                cmocka_unit_test(what_needs_a_device_model_cannot_run_on_xen),
                cmocka_unit_test(text_says_why_each_boot_is_made),
                cmocka_unit_test(json_has_every_boot),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
