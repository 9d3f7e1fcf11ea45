/* SPDX-License-Identifier: BSD-2-Clause */
/* Every boot ends by ResetSystem or PSCI: the application never returns to the firmware. */
#include "app.h"
#include "guard.h"
#include "power.h"
#include "virtual.h"

enum { MAP_ROOM = 128 * 1024, EXIT_TRIES = 4, RESET_MS = 500 };

static EFI_STATUS exit_boot_services(struct app *app, void *map, bool wrong_key_first)
{
        EFI_BOOT_SERVICES *bs = app->guest.bs;
        EFI_STATUS status = EFI_SUCCESS;

        for (unsigned i = 0; i < EXIT_TRIES; i++) {
                UINTN size = MAP_ROOM, key = 0, descriptor = 0;
                UINT32 version = 0;

                status = bs->GetMemoryMap(&size, map, &key, &descriptor, &version);
                if (EFI_ERROR(status))
                        return status;
                if (i == 0 && wrong_key_first) {
                        app->guest.exit_wrong_key = bs->ExitBootServices(app->guest.image, ~key);
                        if (!EFI_ERROR(app->guest.exit_wrong_key))
                                return EFI_SUCCESS; /* there is nobody left to ask again */
                        continue;
                }
                status = app->guest.exit_right_key = bs->ExitBootServices(app->guest.image, key);
                if (!EFI_ERROR(status)) {
                        virtual_map_keep(map, size, descriptor, version);
                        return status;
                }
        }
        return status;
}

static void state_finish(struct app *app)
{
        static uint8_t block[WIRE_STATE_SIZE];

        app->state.finished = 1;
        wire_state_put(block, &app->state);
        (void)disk_write(&app->disk, WIRE_STATE_OFFSET, block, sizeof(block));
}

static void variables_prepare(void *context)
{
        var_prepare(context);
}

/* What the runtime parts of a boot ask for before ExitBootServices, or instead of it. */
struct wishes {
        bool any, wrong_key_first, virtual, map_set, watchdog;
};

static struct wishes wishes_of(const struct app *app, const struct plan_boot *boot)
{
        struct wishes wishes = {false};

        for (unsigned i = app->state.begun; i < boot->parts; i++) {
                const struct test_case *c = &cases[boot->part[i].case_id];

                wishes.any |= plan_part_is_runtime(&boot->part[i]);
                wishes.wrong_key_first |= boot->part[i].case_id == CASE_exit_boot_services_checks_its_key ||
                                          boot->part[i].case_id == CASE_exit_boot_services_is_there;
                wishes.watchdog |= c->route == ROUTE_WATCHDOG_LEFT;
                wishes.virtual |= c->stage == STAGE_VIRTUAL;
                wishes.map_set |= c->stage == STAGE_VIRTUAL && c->route != ROUTE_ASIDE;
        }
        return wishes;
}

/* The parts of one stage, in any order: the stages have theirs. */
static void stage_run(struct app *app, const struct plan_boot *boot, enum stage stage)
{
        for (unsigned i = 0; i < boot->parts; i++)
                if (plan_part_is_runtime(&boot->part[i]) && cases[boot->part[i].case_id].stage == stage)
                        check_run_half(app, boot->part[i].case_id, boot->part[i].part, HALF_G);
}

/* An exception in SetVirtualAddressMap, or in what it leads to, leaves its status as it is: not SUCCESS. */
static void map_set(void *context)
{
        virtual_enter(context);
}

void runtime_run(struct app *app, const struct plan_boot *boot)
{
        struct wishes wishes = wishes_of(app, boot);
        void *map = wishes.any ? guest_pages(&app->guest, MAP_ROOM / 4096) : NULL;
        struct say *say = &app->say;
        uint8_t log[12];

        if (!map)
                return;
        (void)guard_run(variables_prepare, &app->guest); /* a case that needs what was not written says so */
        (void)guest_ticks_per_millisecond(&app->guest);  /* where Stall must measure them, it must do so now */
        app->state.begun = boot->parts;
        state_finish(app); /* none can be written after ExitBootServices: the runtime parts run once */
        wire_put64(log, (uintptr_t)(say->buffer + say->length + WIRE_HEADER + 16));
        wire_put32(log + 8, (uint32_t)(say->size - say->length - WIRE_HEADER - 16));
        (void)say_record(say, WIRE_MEMORY_LOG, log, sizeof(log));
        (void)say_flush(say);
        if (wishes.virtual)
                (void)virtual_prepare(&app->guest);
        if (wishes.watchdog)
                app->guest.watchdog_set =
                        app->guest.bs->SetWatchdogTimer(GUEST_WATCHDOG_S, GUEST_WATCHDOG_CODE, 0, NULL);
        if (EFI_ERROR(exit_boot_services(app, map, wishes.wrong_key_first)))
                return; /* the cases stay unheard, which the ledger calls an error */
        app->guest.bs = NULL;
        say->disk = NULL;
        stage_run(app, boot, STAGE_RUNTIME);
        if (wishes.map_set)
                (void)guard_run(map_set, app);
        stage_run(app, boot, STAGE_VIRTUAL);
        arch_cache_clean(say->buffer, say->length);
}

static bool ends_by_psci(enum ending ending)
{
        return ending == ENDING_PSCI_OFF || ending == ENDING_PSCI_RESET;
}

static void fact_tell(struct app *app, enum case_id id, const struct fact *fact)
{
        uint8_t payload[WIRE_FACT_MAX];

        app->say.case_id = (uint16_t)id;
        app->say.part = 1;
        app->say.half = HALF_G;
        (void)say_record(&app->say, WIRE_FACT, payload, wire_fact_put(payload, fact));
}

/* What comes behind the end of the boot is a fact of the case that asked for that end. */
static void end_tell(struct app *app, const struct plan_boot *boot, enum route route, const struct fact *fact)
{
        for (unsigned i = 0; i < boot->parts; i++)
                if (cases[boot->part[i].case_id].route == route && boot->part[i].part == 1)
                        fact_tell(app, boot->part[i].case_id, fact);
        (void)say_flush(&app->say);
}

/* A PSCI call that must not return, and did. */
static void psci_end(struct app *app, const struct plan_boot *boot, enum ending ending)
{
        struct fact fact = {.kind = FACT_FAILED, .place = "runtime.c", .what = "the PSCI call does not return"};
        int64_t value = 0;

        if (guest_psci(&app->guest, ending == ENDING_PSCI_OFF ? PSCI_SYSTEM_OFF : PSCI_SYSTEM_RESET, 0, 0, 0, &value))
                text_format(fact.got, sizeof(fact.got), "it returned %lld", (long long)value);
        else
                text_copy(fact.got, sizeof(fact.got), "it ended in an exception");
        text_copy(fact.want, sizeof(fact.want), "no return");
        end_tell(app, boot, boot->ending == ENDING_PSCI_OFF ? ROUTE_PSCI_OFF : ROUTE_PSCI_RESET, &fact);
}

enum { WATCHDOG_S = 300, WATCHDOG_LATEST_S = 420, COARSE_S = 20 };

/*
 * Waits for a reset that nobody asks for, and notes now and then for how long: each second where it may come, so that
 * the last note says when it came.
 */
static void watchdog_wait(struct app *app, const struct plan_boot *boot)
{
        struct fact fact = {.kind = FACT_NOTE, .place = "runtime.c", .what = "seconds"};
        EFI_STATUS status = EFI_SUCCESS;
        uint64_t seconds = 0;

        while (status == EFI_SUCCESS && seconds < WATCHDOG_LATEST_S) {
                status = guest_idle(&app->guest, seconds + 2 * COARSE_S < WATCHDOG_S ? COARSE_S : 1);
                seconds = guest_seconds(app->entered);
                text_format(fact.got, sizeof(fact.got), "0x%llx", (unsigned long long)seconds);
                end_tell(app, boot, ROUTE_WATCHDOG, &fact);
        }
        fact = (struct fact){.kind = FACT_FAILED, .place = "runtime.c", .what = "the watchdog resets the platform"};
        text_format(fact.got, sizeof(fact.got), "no reset after %llu s, waiting said %s", (unsigned long long)seconds,
                    status_name(status).text);
        text_copy(fact.want, sizeof(fact.want), "a reset after 300 s");
        end_tell(app, boot, ROUTE_WATCHDOG, &fact);
}

/* Writes one value after the other into the variable of the case that looks at it later, until the VMM is killed. */
static void write_until_killed(struct app *app) __attribute__((noreturn));
static void write_until_killed(struct app *app)
{
        for (uint32_t round = 1;; round++)
                if (!EFI_ERROR(var_killed_write(&app->guest, round)))
                        say_line(&app->say, "VS1 round %u", round);
}

struct end {
        EFI_RUNTIME_SERVICES *rt;
        EFI_RESET_TYPE type;
};

/* A ResetSystem that is not there is as one that comes back. */
static void reset_enter(void *context)
{
        const struct end *end = context;

        if (end->rt->ResetSystem)
                end->rt->ResetSystem(end->type, EFI_SUCCESS, 0, NULL);
}

/* What ResetSystem did instead of its work is for its case to judge. */
static void reset_came_back(struct app *app, const struct plan_boot *boot)
{
        struct fact fact = {.kind = FACT_NOTE, .place = "runtime.c", .what = "ResetSystem came back", .got = "0x1"};

        for (unsigned i = 0; i < boot->parts; i++)
                if (boot->part[i].case_id == CASE_reset_works_or_comes_back)
                        fact_tell(app, CASE_reset_works_or_comes_back, &fact);
        (void)say_flush(&app->say);
}

/* A reset may come about a while after it was asked for. */
static void power_off_late(struct app *app)
{
        uint64_t start = arch_counter(), patience = RESET_MS * guest_ticks_per_millisecond(&app->guest);

        while (arch_counter() - start < patience)
                ;
        power_off(&app->evidence);
}

void runtime_end(struct app *app, const struct plan_boot *boot)
{
        EFI_RESET_TYPE type = boot->ending == ENDING_RESET_COLD || boot->ending == ENDING_PSCI_RESET ? EfiResetCold
                              : boot->ending == ENDING_RESET_WARM                                    ? EfiResetWarm
                                                                                                     : EfiResetShutdown;
        enum ending ending = boot->ending;
        bool psci = app->hw.psci && app->hw.conduit != HW_CONDUIT_NONE;
        uint8_t payload[4];

        /* After ExitBootServices a ResetSystem may hang where PSCI works; what it does is not asked by this boot. */
        if (psci && !app->guest.bs && ending != ENDING_KILLED && ending != ENDING_WATCHDOG)
                ending = type == EfiResetShutdown ? ENDING_PSCI_OFF : ENDING_PSCI_RESET;
        else if (!psci && ends_by_psci(ending))
                ending = type == EfiResetShutdown ? ENDING_SHUTDOWN : ENDING_RESET_COLD;
        wire_put32(payload, ending);
        (void)say_record(&app->say, WIRE_BOOT_END, payload, sizeof(payload));
        (void)say_flush(&app->say);
        if (app->guest.bs)
                state_finish(app);
        if (ending == ENDING_KILLED)
                write_until_killed(app);
        if (ending == ENDING_WATCHDOG)
                watchdog_wait(app, boot);
        if (ends_by_psci(ending))
                psci_end(app, boot, ending);
        for (unsigned tries = 0;; tries++) {
                struct end end = {app->guest.rt, type};

                if (!guard_run(reset_enter, &end))
                        virtual_leave(); /* services that did not move when they said so are where they were */
                else if (tries == 0)
                        reset_came_back(app, boot);
                if (tries)
                        power_off_late(app);
        }
}
