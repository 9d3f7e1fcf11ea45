/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrong arguments are refused by name, and what was there before is there afterwards. */
#include "guest.h"

void guest_var_wrong_arguments_refused(struct guest *g)
{
        uint64_t got = 0;

        CHECK_STATUS(g, var_write(g, L"VmspecWrong", EFI_VARIABLE_RUNTIME_ACCESS, &g->nonce, sizeof(g->nonce)),
                     EFI_INVALID_PARAMETER);
        if (!CHECK_STATUS(g, var_read(g, L"VmspecWrong", &got, sizeof(got)), EFI_NOT_FOUND))
                (void)var_delete(g, L"VmspecWrong");
        if (!CHECK_STATUS(g, var_write(g, L"", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_INVALID_PARAMETER))
                (void)var_delete(g, L"");
}

void guest_var_short_buffer_refused(struct guest *g)
{
        uint8_t to[sizeof(g->nonce)], untouched[sizeof(to)];
        UINTN size = 3, none = 0;
        UINT32 attributes = 0;

        memset(to, 0xa5, sizeof(to));
        memset(untouched, 0xa5, sizeof(untouched));
        if (!CHECK_STATUS(g, var_write(g, L"VmspecShort", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecShort", &var_guid, &attributes, &size, to), EFI_BUFFER_TOO_SMALL);
        CHECK_EQ(g, size, sizeof(g->nonce));
        CHECK_EQ(g, attributes, VAR_BS);
        CHECK(g, memcmp(to + 3, untouched, sizeof(to) - 3) == 0);
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecShort", &var_guid, NULL, &none, NULL), EFI_BUFFER_TOO_SMALL);
        CHECK_EQ(g, none, sizeof(g->nonce));
        CHECK_STATUS(g, var_delete(g, L"VmspecShort"), EFI_SUCCESS);
}

/* UEFI 2.4A leaves open what comes of it; the clause takes the later text, and the case stands alone for that. */
void guest_var_attributes_are_fixed(struct guest *g)
{
        uint64_t other = ~g->nonce, got = 0;
        UINTN size = sizeof(got);
        UINT32 attributes = 0;

        if (!CHECK_STATUS(g, var_write(g, L"VmspecFixed", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, var_write(g, L"VmspecFixed", VAR_BS_RT, &other, sizeof(other)), EFI_INVALID_PARAMETER);
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecFixed", &var_guid, &attributes, &size, &got), EFI_SUCCESS);
        CHECK_EQ(g, attributes, VAR_BS);
        CHECK_EQ(g, got, g->nonce);
        CHECK_STATUS(g, var_delete(g, L"VmspecFixed"), EFI_SUCCESS);
}

/* EFI_VARIABLE_AUTHENTICATION_2 as UEFI lays it out, with a signature that is none; the value stands behind it. */
enum {
        CERTIFICATE = 16,
        CERTIFICATE_SIZE = 24,
        SIGNATURE = 8,
        SIGNED = CERTIFICATE + CERTIFICATE_SIZE + SIGNATURE + 8
};

static void signature_make(const struct guest *g, uint8_t to[SIGNED])
{
        static const uint8_t pkcs7[16] = {0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49,
                                          0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7};

        memset(to, 0, SIGNED);
        wire_put16(to, 2014);
        to[2] = to[3] = 1;
        wire_put32(to + CERTIFICATE, CERTIFICATE_SIZE + SIGNATURE);
        wire_put16(to + CERTIFICATE + 4, 0x200);
        wire_put16(to + CERTIFICATE + 6, 0xef1);
        memcpy(to + CERTIFICATE + 8, pkcs7, sizeof(pkcs7));
        memset(to + CERTIFICATE + CERTIFICATE_SIZE, 0x30, SIGNATURE);
        wire_put64(to + SIGNED - 8, g->nonce);
}

/* Whether the firmware knows authenticated variables or not: what nobody has signed is not written. */
void guest_var_unsigned_write_refused(struct guest *g)
{
        static uint8_t data[SIGNED];
        const UINTN sizes[] = {sizeof(g->nonce), SIGNED}; /* without a header, and with one */
        UINT32 attributes = VAR_NV_BS_RT | EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS;
        UINTN none = 0;

        signature_make(g, data);
        for (unsigned i = 0; i < 2; i++) {
                EFI_STATUS status = var_write(g, L"VmspecUnsigned", attributes, data, sizes[i]);

                CHECK_SAY(g, EFI_ERROR(status), "an error", "%s to %u bytes", status_name(status).text,
                          (unsigned)sizes[i]);
                none = 0;
                status = g->rt->GetVariable(L"VmspecUnsigned", &var_guid, NULL, &none, NULL);
                if (!CHECK_STATUS(g, status, EFI_NOT_FOUND))
                        (void)var_delete(g, L"VmspecUnsigned");
        }
}
