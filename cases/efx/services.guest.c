/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Source 003: "You don't need full EFI emulation". No pointer is NULL all the same, what a kernel's EFI stub calls does
 * its work, and all else says that it is UNSUPPORTED, or refuses what makes no sense: never a SUCCESS for nothing.
 */
#include "guest.h"

void guest_no_service_is_missing(struct guest *g)
{
        guest_boot_services_are_all_there(g);
        guest_runtime_services_are_all_there(g);
}

/* A protocol and a configuration table of the suite's own. */
static EFI_GUID nobody_guid = {0x7d1c7f4e, 0x9f1c, 0x4f0b, {0x9d, 0x52, 0x31, 0x0e, 0x6b, 0x7a, 0x44, 0x21}};
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

/* What makes no sense ---------------------------------------------------------------------------------------------- */

/* The calls: each is one that no firmware can take. Where a service is not in this list it cannot be asked so. */
#define CALL(name, expression)                                                                                         \
        static EFI_STATUS call_##name(struct guest *g)                                                                 \
        {                                                                                                              \
                return expression;                                                                                     \
        }
#define SERVICES(boot, runtime)                                                                                                          \
        boot(CreateEvent, g->bs->CreateEvent(0, 0, NULL, NULL, NULL)) boot(                                                              \
                SetTimer, g->bs->SetTimer(NULL, TimerCancel,                                                                             \
                                          0)) boot(WaitForEvent,                                                                         \
                                                   g->bs->WaitForEvent(0, NULL, NULL)) boot(SignalEvent,                                 \
                                                                                            g->bs->SignalEvent(NULL))                    \
                boot(CloseEvent, g->bs->CloseEvent(NULL)) boot(CheckEvent, g->bs->CheckEvent(NULL)) boot(                                \
                        InstallProtocolInterface, g->bs->InstallProtocolInterface(                                                       \
                                                          NULL, NULL, EFI_NATIVE_INTERFACE,                                              \
                                                          NULL)) boot(ReinstallProtocolInterface,                                        \
                                                                      g->bs->ReinstallProtocolInterface(g->image,                        \
                                                                                                        &nobody_guid, NULL, NULL))       \
                        boot(UninstallProtocolInterface, g->bs->UninstallProtocolInterface(g->image, &nobody_guid, NULL)) boot(          \
                                RegisterProtocolNotify,                                                                                  \
                                g->bs->RegisterProtocolNotify(                                                                           \
                                        NULL, NULL,                                                                                      \
                                        NULL)) boot(LoadImage, g->bs->LoadImage(FALSE, NULL, NULL, NULL, 0, NULL))                       \
                                boot(StartImage, g->bs->StartImage(NULL, NULL, NULL)) boot(UnloadImage, g->bs->UnloadImage(NULL)) boot(  \
                                        GetNextMonotonicCount,                                                                           \
                                        g->bs->GetNextMonotonicCount(                                                                    \
                                                NULL)) boot(ConnectController, g->bs->ConnectController(NULL, NULL, NULL, FALSE))        \
                                        boot(DisconnectController, g->bs->DisconnectController(NULL, NULL, NULL)) boot(                  \
                                                OpenProtocol,                                                                            \
                                                g->bs->OpenProtocol(g->image, &nobody_guid, NULL, g->image, NULL,                        \
                                                                    EFI_OPEN_PROTOCOL_TEST_PROTOCOL))                                    \
                                                boot(CloseProtocol,                                                                      \
                                                     g->bs->CloseProtocol(g->image, &nobody_guid, g->image,                              \
                                                                          NULL)) boot(OpenProtocolInformation,                           \
                                                                                      information_get(g))                                \
                                                        boot(ProtocolsPerHandle,                                                         \
                                                             g->bs->ProtocolsPerHandle(                                                  \
                                                                     NULL, NULL,                                                         \
                                                                     NULL)) boot(CalculateCrc32,                                         \
                                                                                 g->bs->CalculateCrc32(NULL, 0, NULL))                   \
                                                                boot(CreateEventEx,                                                      \
                                                                     g->bs->CreateEventEx(                                               \
                                                                             0, 0, NULL, NULL, NULL,                                     \
                                                                             NULL)) runtime(GetWakeupTime,                               \
                                                                                            g->rt->GetWakeupTime(                        \
                                                                                                    NULL,                                \
                                                                                                    NULL, NULL))                         \
                                                                        runtime(SetWakeupTime,                                           \
                                                                                g->rt->SetWakeupTime(                                    \
                                                                                        TRUE,                                            \
                                                                                        NULL)) runtime(ConvertPointer,                   \
                                                                                                       g                                 \
                                                                                                               ->rt                      \
                                                                                                               ->ConvertPointer(         \
                                                                                                                       0,                \
                                                                                                                       NULL))            \
                                                                                runtime(GetNextHighMonotonicCount,                       \
                                                                                        g->rt->GetNextHighMonotonicCount(                \
                                                                                                NULL))                                   \
                                                                                        runtime(UpdateCapsule,                           \
                                                                                                g->rt->UpdateCapsule(                    \
                                                                                                        NULL, 0, 0))                     \
                                                                                                runtime(QueryCapsuleCapabilities,        \
                                                                                                        g->rt->QueryCapsuleCapabilities( \
                                                                                                                NULL,                    \
                                                                                                                0,                       \
                                                                                                                NULL,                    \
                                                                                                                NULL))

static EFI_STATUS information_get(struct guest *g)
{
        EFI_OPEN_PROTOCOL_INFORMATION_ENTRY *entries = NULL;
        UINTN count = 0;

        return g->bs->OpenProtocolInformation(g->image, &nobody_guid, &entries, &count);
}

SERVICES(CALL, CALL)

#define BOOT_ROW(service, expression) {#service, true, offsetof(EFI_BOOT_SERVICES, service), call_##service},
#define RUNTIME_ROW(service, expression) {#service, false, offsetof(EFI_RUNTIME_SERVICES, service), call_##service},
static const struct service {
        const char *name;
        bool boot;
        size_t offset;
        EFI_STATUS (*call)(struct guest *g);
} services[] = {SERVICES(BOOT_ROW, RUNTIME_ROW)};

static bool service_is_there(struct guest *g, const struct service *service)
{
        const uint8_t *table = service->boot ? (const uint8_t *)g->bs : (const uint8_t *)g->rt;
        uintptr_t function;

        memcpy(&function, table + service->offset, sizeof(function));
        return CHECK_SAY(g, function, "a function", "%s is %s", service->name, function ? "one" : "NULL");
}

void guest_other_services_answer(struct guest *g)
{
        unsigned missing = 0;

        for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
                EFI_STATUS status;

                if (!service_is_there(g, &services[i]))
                        continue;
                status = services[i].call(g);
                missing += status == EFI_UNSUPPORTED;
                CHECK_SAY(g, EFI_ERROR(status), "UNSUPPORTED, or an error for what makes no sense", "%s: %s",
                          services[i].name, status_name(status).text);
        }
        NOTE_NUMBER(g, "services that say UNSUPPORTED", missing);
}

/* What Linux' stub calls ------------------------------------------------------------------------------------------- */

static void memory_judge(struct guest *g)
{
        EFI_PHYSICAL_ADDRESS page = UINT32_MAX;
        void *pool = NULL;

        if (CHECK_STATUS(g, g->bs->AllocatePool(EfiLoaderData, sizeof(uint64_t), &pool), EFI_SUCCESS) &&
            CHECK(g, pool != NULL))
                CHECK_STATUS(g, g->bs->FreePool(pool), EFI_SUCCESS);
        if (!CHECK_STATUS(g, g->bs->AllocatePages(AllocateMaxAddress, EfiLoaderData, 1, &page), EFI_SUCCESS) ||
            !CHECK_LE(g, page, UINT32_MAX))
                return;
        CHECK_STATUS(g, g->bs->FreePages(page, 1), EFI_SUCCESS);
        if (CHECK_STATUS(g, g->bs->AllocatePages(AllocateAddress, EfiLoaderData, 1, &page), EFI_SUCCESS))
                CHECK_STATUS(g, g->bs->FreePages(page, 1), EFI_SUCCESS);
}

/* An image that is this one, and protocols that nobody has. */
static void protocols_judge(struct guest *g)
{
        EFI_HANDLE handles[1], device = NULL;
        UINTN size = sizeof(handles);
        EFI_LOADED_IMAGE *image = NULL;
        EFI_DEVICE_PATH *path = NULL;
        void *nobody = NULL;

        if (!CHECK_STATUS(g, g->bs->HandleProtocol(g->image, &loaded_image_guid, (void **)&image), EFI_SUCCESS) ||
            !CHECK(g, image != NULL))
                return;
        CHECK_SAY(g, image->ImageBase && image->ImageSize, "a LoadedImage with a base and a size", "0x%llx bytes",
                  (unsigned long long)image->ImageSize);
        CHECK_STATUS(g, g->bs->LocateProtocol(&nobody_guid, NULL, &nobody), EFI_NOT_FOUND);
        CHECK_STATUS(g, g->bs->LocateHandle(ByProtocol, &nobody_guid, NULL, &size, handles), EFI_NOT_FOUND);
        if (!EFI_ERROR(g->bs->HandleProtocol(image->DeviceHandle, &device_path_guid, (void **)&path)) && path)
                CHECK_STATUS(g, g->bs->LocateDevicePath(&nobody_guid, &path, &device), EFI_NOT_FOUND);
}

static const void *table_listed(struct guest *g)
{
        for (UINTN i = 0; i < g->st->NumberOfTableEntries; i++)
                if (memcmp(&g->st->ConfigurationTable[i].VendorGuid, &nobody_guid, sizeof(nobody_guid)) == 0)
                        return g->st->ConfigurationTable[i].VendorTable;
        return NULL;
}

void guest_kernel_stub_is_served(struct guest *g)
{
        static uint64_t table;

        memory_judge(g);
        protocols_judge(g);
        if (CHECK_STATUS(g, g->bs->InstallConfigurationTable(&nobody_guid, &table), EFI_SUCCESS)) {
                CHECK(g, table_listed(g) == &table);
                CHECK_STATUS(g, g->bs->InstallConfigurationTable(&nobody_guid, NULL), EFI_SUCCESS);
                CHECK(g, table_listed(g) == NULL);
        }
        CHECK(g, g->st->ConOut != NULL);
}
