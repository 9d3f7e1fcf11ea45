/* SPDX-License-Identifier: BSD-2-Clause */
/* The application does what the plan on its disk says for this boot, writes down what it saw, and resets. */
#include "app.h"
#include "guard.h"
#include "tables.h"

static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static struct app app;

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);

/* Says why there is nothing to do, and powers off. */
static void give_up(const char *why) __attribute__((noreturn));
static void give_up(const char *why)
{
        say_line(&app.say, "VS1 stop: %s", why);
        for (;;)
                app.guest.rt->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
}

/* The handle that the application was loaded from. */
static EFI_HANDLE boot_device(void)
{
        void *found = NULL;

        if (EFI_ERROR(app.guest.bs->HandleProtocol(app.guest.image, &loaded_image_guid, &found)) || !found)
                return NULL;
        app.image_base = (uintptr_t)((EFI_LOADED_IMAGE *)found)->ImageBase;
        return ((EFI_LOADED_IMAGE *)found)->DeviceHandle;
}

static void plan_load(void)
{
        uint8_t *bytes = guest_pages(&app.guest, WIRE_PLAN_MAX / 4096);

        if (!bytes || EFI_ERROR(disk_read(&app.disk, WIRE_PLAN_OFFSET, bytes, WIRE_PLAN_MAX)))
                give_up("the plan cannot be read");
        if (wire_get64(bytes + 16) != catalogue_hash)
                give_up("the plan is of another catalogue");
        if (!plan_get((struct bytes){bytes, WIRE_PLAN_MAX}, &app.plan))
                give_up("the plan is damaged");
}

/* Which boot of the plan this is, and at which part it goes on where an earlier attempt died. */
static void state_advance(void)
{
        static uint8_t block[WIRE_STATE_SIZE];
        struct wire_state *state = &app.state;

        if (EFI_ERROR(disk_read(&app.disk, WIRE_STATE_OFFSET, block, sizeof(block))))
                give_up("the state cannot be read");
        if (!wire_state_get(block, app.plan.nonce, state))
                *state = (struct wire_state){.nonce = app.plan.nonce};
        else if (state->finished)
                *state = (struct wire_state){app.plan.nonce, state->attempt, state->boot + 1, 0, 0};
        if (!app.plan.boots)
                give_up("this is the other disk");
        if (state->boot >= app.plan.boots)
                give_up("the plan is done");
        if (state->attempt >= WIRE_SLOTS)
                give_up("all slots of the journal are used");
        app.say.attempt = (uint16_t)state->attempt++;
}

static void state_save(void)
{
        static uint8_t block[WIRE_STATE_SIZE];

        wire_state_put(block, &app.state);
        if (EFI_ERROR(disk_write(&app.disk, WIRE_STATE_OFFSET, block, sizeof(block))))
                give_up("the state cannot be written");
}

static void boot_begin(void)
{
        char text[512];

        text_format(text, sizeof(text),
                    "arch=%s\ncatalogue=0x%llx\nboot=0x%x\nattempt=0x%x\nresumed_at=0x%x\ncounter=0x%llx\n"
                    "frequency=0x%llx\n",
                    arch_name, (unsigned long long)catalogue_hash, app.state.boot, app.say.attempt, app.state.begun,
                    (unsigned long long)arch_counter(), (unsigned long long)arch_counter_frequency());
        (void)say_text(&app.say, WIRE_BOOT_BEGIN, text);
        if (EFI_ERROR(say_flush(&app.say)))
                give_up("the journal cannot be written");
        say_line(&app.say, "VS1 %u begin boot %u", app.say.attempt, app.state.boot);
}

static void evidence_told(void)
{
        uint8_t *payload = guest_pages(&app.guest, (WIRE_PAYLOAD_MAX + 4095) / 4096);

        if (!payload)
                return;
        for (unsigned kind = 0; kind < EVIDENCE_COUNT; kind++) {
                struct bytes whole = app.evidence.of[kind];
                size_t length = whole.size;

                if (!whole.data)
                        continue;
                while (length && !whole.data[length - 1])
                        length--;
                wire_put32(payload, kind);
                wire_put32(payload + 4, (uint32_t)whole.size);
                memcpy(payload + 8, whole.data, length);
                (void)say_record(&app.say, WIRE_EVIDENCE, payload, 8 + length);
        }
        (void)say_flush(&app.say);
}

static void parts_run(const struct plan_boot *boot)
{
        for (unsigned i = app.state.begun; i < boot->parts; i++) {
                const struct test_case *c = &cases[boot->part[i].case_id];

                if (plan_part_is_runtime(&boot->part[i]))
                        continue;
                app.state.begun = i + 1;
                state_save();
                if (c->halves & HALF_G)
                        check_run_half(&app, boot->part[i].case_id, boot->part[i].part, HALF_G);
                if (c->halves & HALF_J && boot->part[i].part == 1)
                        check_run_half(&app, boot->part[i].case_id, boot->part[i].part, HALF_J);
        }
}

static void told_complete(const struct plan_boot *boot)
{
        static char told[PLAN_TEXT_MAX + 16];
        size_t length = text_copy(told, PLAN_TEXT_MAX, app.plan.told);

        if (boot->gic)
                length += text_format(told + length, sizeof(told) - length, "gic=0x%x\n", boot->gic);
        app.evidence.of[EVIDENCE_TOLD] = (struct bytes){(const uint8_t *)told, length};
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
        const struct plan_boot *boot;
        EFI_HANDLE device;

        app.guest = (struct guest){
                .image = image,
                .st = st,
                .bs = st->BootServices,
                .rt = st->RuntimeServices,
                .evidence = &app.evidence,
                .hw = &app.hw,
        };
        app.say = (struct say){.st = st, .case_id = WIRE_NO_CASE, .size = WIRE_SLOT_SIZE};
        app.entered = arch_counter();
        device = boot_device();
        if (!device || EFI_ERROR(disk_open(&app.disk, st->BootServices, device)))
                give_up("there is no journal partition with a plan on the boot disk");
        plan_load();
        app.say.disk = &app.disk;
        app.say.nonce = app.guest.nonce = app.plan.nonce;
        app.guest.attended = app.plan.attended;
        app.say.buffer = guest_pages(&app.guest, WIRE_SLOT_SIZE / 4096);
        if (!app.say.buffer)
                give_up("no memory for the journal");
        state_advance();
        state_save();
        boot = &app.plan.boot[app.state.boot];
        if (boot->ending != ENDING_WATCHDOG)
                (void)st->BootServices->SetWatchdogTimer(0, 0, 0, NULL);
        guard_prepare(st->BootServices);
        boot_begin();
        tables_gather(st, image, device, &app.evidence);
        told_complete(boot);
        hw_read(&app.evidence, &app.hw);
        evidence_told();
        parts_run(boot);
        runtime_run(&app, boot);
        runtime_end(&app, boot);
}
