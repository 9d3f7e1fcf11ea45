/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application is entered with tables of the shim's own, which the firmware itself does not use: what is missing
 * from them is missing for nobody else.
 *
 *   minimal          every service is UNSUPPORTED but those that Linux' EFI stub calls, and what runs beside the
 *                    application cannot do without
 *   gone SERVICE     its pointer is NULL
 *   silent SERVICE   it is SUCCESS, and nothing happens
 *   hangs SERVICE    it never comes back
 *   misaligned       the application is entered with a stack that is 8 bytes off
 *   backward         and with RFLAGS.DF set
 */
#include "minimal.h"

#include <string.h>

enum { KEPT = 1, BOOT = 2 };

#define SERVICE_BOOT(name, kept)                                                                                       \
        {                                                                                                              \
#name, offsetof(EFI_BOOT_SERVICES, name), BOOT | (kept)                                                \
        }
#define SERVICE_RUNTIME(name)                                                                                          \
        {                                                                                                              \
#name, offsetof(EFI_RUNTIME_SERVICES, name), 0                                                         \
        }
static const struct service {
        const char *name;
        size_t offset;
        unsigned how;
} services[] = {
        SERVICE_BOOT(RaiseTPL, KEPT),
        SERVICE_BOOT(RestoreTPL, KEPT),
        SERVICE_BOOT(AllocatePages, KEPT),
        SERVICE_BOOT(FreePages, KEPT),
        SERVICE_BOOT(GetMemoryMap, KEPT),
        SERVICE_BOOT(AllocatePool, KEPT),
        SERVICE_BOOT(FreePool, KEPT),
        SERVICE_BOOT(CreateEvent, 0),
        SERVICE_BOOT(SetTimer, 0),
        SERVICE_BOOT(WaitForEvent, 0),
        SERVICE_BOOT(SignalEvent, 0),
        SERVICE_BOOT(CloseEvent, 0),
        SERVICE_BOOT(CheckEvent, 0),
        SERVICE_BOOT(InstallProtocolInterface, 0),
        SERVICE_BOOT(ReinstallProtocolInterface, 0),
        SERVICE_BOOT(UninstallProtocolInterface, 0),
        SERVICE_BOOT(HandleProtocol, KEPT),
        SERVICE_BOOT(RegisterProtocolNotify, 0),
        SERVICE_BOOT(LocateHandle, KEPT),
        SERVICE_BOOT(LocateDevicePath, KEPT),
        SERVICE_BOOT(InstallConfigurationTable, KEPT),
        SERVICE_BOOT(LoadImage, 0),
        SERVICE_BOOT(StartImage, 0),
        SERVICE_BOOT(Exit, 0),
        SERVICE_BOOT(UnloadImage, 0),
        SERVICE_BOOT(ExitBootServices, KEPT),
        SERVICE_BOOT(GetNextMonotonicCount, 0),
        SERVICE_BOOT(Stall, KEPT),
        SERVICE_BOOT(SetWatchdogTimer, KEPT),
        SERVICE_BOOT(ConnectController, 0),
        SERVICE_BOOT(DisconnectController, 0),
        SERVICE_BOOT(OpenProtocol, 0),
        SERVICE_BOOT(CloseProtocol, 0),
        SERVICE_BOOT(OpenProtocolInformation, 0),
        SERVICE_BOOT(ProtocolsPerHandle, 0),
        SERVICE_BOOT(LocateHandleBuffer, KEPT),
        SERVICE_BOOT(LocateProtocol, KEPT),
        SERVICE_BOOT(InstallMultipleProtocolInterfaces, 0),
        SERVICE_BOOT(UninstallMultipleProtocolInterfaces, 0),
        SERVICE_BOOT(CalculateCrc32, 0),
        SERVICE_BOOT(CopyMem, 0),
        SERVICE_BOOT(SetMem, 0),
        SERVICE_BOOT(CreateEventEx, 0),
        SERVICE_RUNTIME(GetTime),
        SERVICE_RUNTIME(SetTime),
        SERVICE_RUNTIME(GetWakeupTime),
        SERVICE_RUNTIME(SetWakeupTime),
        SERVICE_RUNTIME(SetVirtualAddressMap),
        SERVICE_RUNTIME(ConvertPointer),
        SERVICE_RUNTIME(GetVariable),
        SERVICE_RUNTIME(GetNextVariableName),
        SERVICE_RUNTIME(SetVariable),
        SERVICE_RUNTIME(GetNextHighMonotonicCount),
        SERVICE_RUNTIME(ResetSystem),
        SERVICE_RUNTIME(UpdateCapsule),
        SERVICE_RUNTIME(QueryCapsuleCapabilities),
        SERVICE_RUNTIME(QueryVariableInfo),
};
enum { SERVICES = sizeof(services) / sizeof(services[0]) };

static EFI_SYSTEM_TABLE *tables; /* NULL: the application is started as any other */
static const EFI_SYSTEM_TABLE *real;
static unsigned skew;
static bool backward;

static EFI_STATUS EFIAPI unsupported(void)
{
        return EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI silent(void)
{
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI hanging(void)
{
        volatile bool for_ever = true;

        while (for_ever)
                ;
        return EFI_SUCCESS;
}

/* The firmware lists it in its own system table, of which the application has a copy. */
static EFI_STATUS EFIAPI table_install(EFI_GUID *guid, void *table)
{
        EFI_STATUS status = real->BootServices->InstallConfigurationTable(guid, table);

        tables->NumberOfTableEntries = real->NumberOfTableEntries;
        tables->ConfigurationTable = real->ConfigurationTable;
        table_sign(&tables->Hdr);
        return status;
}

static EFI_STATUS tables_copy(struct shim *shim)
{
        EFI_BOOT_SERVICES *bs = shim_pages(shim, EfiBootServicesData, sizeof(*bs));
        EFI_RUNTIME_SERVICES *rt = shim_pages(shim, EfiRuntimeServicesData, sizeof(*rt));

        tables = shim_pages(shim, EfiRuntimeServicesData, sizeof(*tables));
        if (!bs || !rt || !tables)
                return EFI_OUT_OF_RESOURCES;
        real = shim->st;
        *tables = *shim->st;
        *bs = *shim->bs;
        *rt = *shim->rt;
        tables->BootServices = bs;
        tables->RuntimeServices = rt;
        bs->InstallConfigurationTable = table_install;
        bs->Hdr.HeaderSize = sizeof(*bs);
        rt->Hdr.HeaderSize = sizeof(*rt);
        tables->Hdr.HeaderSize = sizeof(*tables);
        return EFI_SUCCESS;
}

static void service_put(const struct service *service, EFI_STATUS(EFIAPI *function)(void))
{
        uint8_t *table = service->how & BOOT ? (uint8_t *)tables->BootServices : (uint8_t *)tables->RuntimeServices;

        memcpy(table + service->offset, &function, sizeof(function));
}

static EFI_STATUS service_break(const char *how, const char *name)
{
        for (size_t i = 0; i < SERVICES; i++)
                if (strcmp(services[i].name, name) == 0) {
                        service_put(&services[i], strcmp(how, "gone") == 0     ? NULL
                                                  : strcmp(how, "silent") == 0 ? silent
                                                                               : hanging);
                        return EFI_SUCCESS;
                }
        return EFI_INVALID_PARAMETER;
}

static EFI_STATUS minimal_seed(const char *what, struct words *words)
{
        if (strcmp(what, "gone") == 0 || strcmp(what, "silent") == 0 || strcmp(what, "hangs") == 0)
                return service_break(what, word_next(words).text);
        if (strcmp(what, "minimal") == 0) {
                for (size_t i = 0; i < SERVICES; i++)
                        if (!(services[i].how & KEPT))
                                service_put(&services[i], unsupported);
        } else if (strcmp(what, "misaligned") == 0) {
                skew = sizeof(uint64_t);
        } else if (strcmp(what, "backward") == 0) {
                backward = true;
        } else {
                return EFI_INVALID_PARAMETER;
        }
        return EFI_SUCCESS;
}

EFI_STATUS minimal_defect(struct shim *shim, struct words *words)
{
        EFI_STATUS status = tables ? EFI_SUCCESS : tables_copy(shim);

        if (!EFI_ERROR(status))
                status = minimal_seed(word_next(words).text, words);
        if (EFI_ERROR(status))
                return status;
        table_sign(&tables->BootServices->Hdr);
        table_sign(&tables->RuntimeServices->Hdr);
        table_sign(&tables->Hdr);
        return EFI_SUCCESS;
}

bool minimal_enter(struct shim *shim)
{
        enum { PE_AT = 0x3c, ENTRY = 40 };
        const uint8_t *image = shim->child_loaded->ImageBase;
        uint32_t entry = wire_get32(image + wire_get32(image + PE_AT) + ENTRY);

        if (!tables)
                return false;
        processor_enter((uintptr_t)image + entry, shim->child, tables, skew, backward);
        return true;
}
