/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever was cut, flipped or made up on the way is seen as such. */
#include "wire.h"

#include <string.h>

#include "case.h"
#include "crc32.h"
#include "text.h"

const uint8_t wire_partition_type[16] = {0xf1, 0x35, 0x7e, 0x6c, 0x0d, 0x8a, 0x55, 0x4b,
                                         0x9c, 0x1e, 0x76, 0x4d, 0x53, 0x50, 0x45, 0x43};

const uint8_t wire_variable_guid[16] = {0x11, 0x2a, 0x3f, 0x7c, 0x64, 0x5e, 0x0d, 0x4b,
                                        0x9d, 0x5a, 0x76, 0x4d, 0x53, 0x50, 0x45, 0x43};

static const uint32_t record_magic = 0x31525356;          /* "VSR1" */
static const uint64_t plan_magic = 0x314e414c504d5653;    /* "SVMPLAN1" */
static const uint64_t state_magic = 0x3154415453534d56;   /* "VMSSTAT1" */
static const uint64_t mailbox_magic = 0x31584f424c494d56; /* "VMILBOX1" */

void wire_put16(uint8_t *to, uint16_t value)
{
        to[0] = (uint8_t)value;
        to[1] = (uint8_t)(value >> 8);
}

void wire_put32(uint8_t *to, uint32_t value)
{
        wire_put16(to, (uint16_t)value);
        wire_put16(to + 2, (uint16_t)(value >> 16));
}

void wire_put64(uint8_t *to, uint64_t value)
{
        wire_put32(to, (uint32_t)value);
        wire_put32(to + 4, (uint32_t)(value >> 32));
}

uint16_t wire_get16(const uint8_t *from)
{
        return (uint16_t)(from[0] | from[1] << 8);
}

uint32_t wire_get32(const uint8_t *from)
{
        return wire_get16(from) | (uint32_t)wire_get16(from + 2) << 16;
}

uint64_t wire_get64(const uint8_t *from)
{
        return wire_get32(from) | (uint64_t)wire_get32(from + 4) << 32;
}

/*
 * Record header: 0 magic u32, 4 kind u16, 6 case u16, 8 nonce u64, 16 attempt u16, 18 part u8, 19 half u8,
 * 20 sequence u32, 24 length u32, 28 CRC-32 of header (this field 0) and payload u32.
 */
enum { RECORD_CRC = 28 };

static uint32_t record_crc(const uint8_t *record, size_t length)
{
        static const uint8_t zero[4];
        uint32_t crc = crc32_update(0, record, RECORD_CRC);

        crc = crc32_update(crc, zero, sizeof(zero));
        return crc32_update(crc, record + WIRE_HEADER, length);
}

size_t wire_record_put(uint8_t *to, size_t room, const struct wire_record *record)
{
        size_t length = record->payload.size;
        size_t padded = (WIRE_HEADER + length + 7) & ~(size_t)7;

        if (length > WIRE_PAYLOAD_MAX || room < padded)
                return 0;
        memset(to, 0, WIRE_HEADER);
        wire_put32(to, record_magic);
        wire_put16(to + 4, (uint16_t)record->kind);
        wire_put16(to + 6, record->case_id);
        wire_put64(to + 8, record->nonce);
        wire_put16(to + 16, record->attempt);
        to[18] = record->part;
        to[19] = record->half;
        wire_put32(to + 20, record->sequence);
        wire_put32(to + 24, (uint32_t)length);
        if (length)
                memcpy(to + WIRE_HEADER, record->payload.data, length);
        memset(to + WIRE_HEADER + length, 0, padded - WIRE_HEADER - length);
        wire_put32(to + RECORD_CRC, record_crc(to, length));
        return padded;
}

enum wire_result wire_record_get(struct bytes from, size_t *at, struct wire_record *ret)
{
        const uint8_t *record = from.data + *at;
        struct wire_record r;
        size_t room, padded;

        if (*at >= from.size || from.size - *at < WIRE_HEADER)
                return *at == from.size ? WIRE_END : WIRE_TORN;
        room = from.size - *at;
        if (wire_get32(record) == 0)
                return WIRE_END;
        r.kind = wire_get16(record + 4);
        r.payload = (struct bytes){record + WIRE_HEADER, wire_get32(record + 24)};
        padded = (WIRE_HEADER + r.payload.size + 7) & ~(size_t)7;
        if (wire_get32(record) != record_magic || r.kind < WIRE_BOOT_BEGIN || r.kind >= WIRE_KIND_END ||
            r.payload.size > WIRE_PAYLOAD_MAX || padded > room)
                return WIRE_TORN;
        if (wire_get32(record + RECORD_CRC) != record_crc(record, r.payload.size))
                return WIRE_TORN;
        for (size_t i = WIRE_HEADER + r.payload.size; i < padded; i++)
                if (record[i] != 0)
                        return WIRE_TORN;
        r.case_id = wire_get16(record + 6);
        r.nonce = wire_get64(record + 8);
        r.attempt = wire_get16(record + 16);
        r.part = record[18];
        r.half = record[19];
        r.sequence = wire_get32(record + 20);
        *ret = r;
        *at += padded;
        return WIRE_OK;
}

static size_t string_put(uint8_t *to, const char *text)
{
        size_t length = strlen(text) + 1;

        memcpy(to, text, length);
        return length;
}

size_t wire_fact_put(uint8_t to[WIRE_FACT_MAX], const struct fact *fact)
{
        size_t at = 0;

        to[at++] = (uint8_t)fact->kind;
        at += string_put(to + at, fact->place);
        at += string_put(to + at, fact->what);
        at += string_put(to + at, fact->got);
        at += string_put(to + at, fact->want);
        return at;
}

static bool string_get(struct bytes from, size_t *at, char *to, size_t size)
{
        size_t length = 0;

        while (*at + length < from.size && from.data[*at + length])
                length++;
        if (*at + length >= from.size || length >= size)
                return false;
        memcpy(to, from.data + *at, length + 1);
        *at += length + 1;
        return true;
}

bool wire_fact_get(struct bytes payload, struct fact *ret)
{
        struct fact fact;
        size_t at = 1;

        if (payload.size < 1 || payload.data[0] < FACT_PASSED || payload.data[0] >= FACT_KIND_END)
                return false;
        fact.kind = payload.data[0];
        if (!string_get(payload, &at, fact.place, sizeof(fact.place)) ||
            !string_get(payload, &at, fact.what, sizeof(fact.what)) ||
            !string_get(payload, &at, fact.got, sizeof(fact.got)) ||
            !string_get(payload, &at, fact.want, sizeof(fact.want)) || at != payload.size)
                return false;
        *ret = fact;
        return true;
}

/*
 * Plan: 0 magic u64, 8 CRC-32 (this field 0) u32, 12 total length u32, 16 catalogue u64, 24 nonce u64,
 * 32 attended u16, 34 boots u16, 36 length of told u16, 38 length of defect u16; then per boot: ending u8, gic u8,
 * parts u16 and per part: case u16, part u16; then told and defect.
 */
enum { PLAN_HEADER = 40 };

size_t plan_put(uint8_t *to, size_t room, const struct plan *plan)
{
        size_t told = strlen(plan->told), defect = strlen(plan->defect);
        size_t length = PLAN_HEADER + told + defect;
        size_t at = PLAN_HEADER;

        for (unsigned b = 0; b < plan->boots; b++)
                length += 4 + 4 * (size_t)plan->boot[b].parts;
        if (length > room || length > WIRE_PLAN_MAX)
                return 0;
        wire_put64(to, plan_magic);
        wire_put32(to + 8, 0);
        wire_put32(to + 12, (uint32_t)length);
        wire_put64(to + 16, plan->catalogue);
        wire_put64(to + 24, plan->nonce);
        wire_put16(to + 32, plan->attended);
        wire_put16(to + 34, (uint16_t)plan->boots);
        wire_put16(to + 36, (uint16_t)told);
        wire_put16(to + 38, (uint16_t)defect);
        for (unsigned b = 0; b < plan->boots; b++) {
                const struct plan_boot *boot = &plan->boot[b];

                to[at] = (uint8_t)boot->ending;
                to[at + 1] = (uint8_t)boot->gic;
                wire_put16(to + at + 2, (uint16_t)boot->parts);
                at += 4;
                for (unsigned p = 0; p < boot->parts; p++, at += 4) {
                        wire_put16(to + at, boot->part[p].case_id);
                        wire_put16(to + at + 2, boot->part[p].part);
                }
        }
        memcpy(to + at, plan->told, told);
        memcpy(to + at + told, plan->defect, defect);
        wire_put32(to + 8, crc32_update(0, to, length));
        return length;
}

const char *ending_name(enum ending ending)
{
        static const char *const names[ENDING_COUNT] = {"reset-cold", "reset-warm", "shutdown", "psci-reset",
                                                        "psci-off",   "killed",     "watchdog"};

        return names[ending];
}

bool plan_part_is_runtime(const struct plan_part *part)
{
        return stage_is_runtime(cases[part->case_id].stage) && part->part == 1;
}

static bool plan_boots_get(const uint8_t *from, size_t size, size_t *at, struct plan *plan)
{
        for (unsigned b = 0; b < plan->boots; b++) {
                struct plan_boot *boot = &plan->boot[b];

                if (size - *at < 4)
                        return false;
                boot->ending = from[*at];
                boot->gic = from[*at + 1];
                boot->parts = wire_get16(from + *at + 2);
                *at += 4;
                if (boot->ending >= ENDING_COUNT || boot->parts > PLAN_PARTS_MAX || (size - *at) / 4 < boot->parts)
                        return false;
                for (unsigned p = 0; p < boot->parts; p++, *at += 4) {
                        boot->part[p].case_id = wire_get16(from + *at);
                        boot->part[p].part = (uint8_t)wire_get16(from + *at + 2);
                        if (boot->part[p].case_id >= CASE_COUNT)
                                return false;
                }
        }
        return true;
}

bool plan_get(struct bytes from, struct plan *ret)
{
        static const uint8_t zero[4];
        const uint8_t *data = from.data;
        size_t length, told, defect, at = PLAN_HEADER;
        uint32_t crc;

        if (from.size < PLAN_HEADER || wire_get64(data) != plan_magic)
                return false;
        length = wire_get32(data + 12);
        if (length < PLAN_HEADER || length > from.size || length > WIRE_PLAN_MAX)
                return false;
        crc = crc32_update(0, data, 8);
        crc = crc32_update(crc, zero, 4);
        if (crc32_update(crc, data + 12, length - 12) != wire_get32(data + 8))
                return false;
        ret->catalogue = wire_get64(data + 16);
        ret->nonce = wire_get64(data + 24);
        ret->attended = wire_get16(data + 32) != 0;
        ret->boots = wire_get16(data + 34);
        told = wire_get16(data + 36);
        defect = wire_get16(data + 38);
        if (ret->boots > PLAN_BOOTS_MAX || told >= PLAN_TEXT_MAX || defect >= PLAN_TEXT_MAX)
                return false;
        if (!plan_boots_get(data, length, &at, ret) || length - at != told + defect)
                return false;
        memcpy(ret->told, data + at, told);
        ret->told[told] = 0;
        memcpy(ret->defect, data + at + told, defect);
        ret->defect[defect] = 0;
        return true;
}

/* State and mailbox: 0 magic u64, 8 CRC-32 (this field 0) u32, 12 zero u32, 16 nonce u64, then the fields. */
static void block_seal(uint8_t *block, uint64_t magic, uint64_t nonce)
{
        wire_put64(block, magic);
        wire_put64(block + 16, nonce);
        wire_put32(block + 8, crc32_update(0, block, WIRE_STATE_SIZE));
}

static bool block_open(const uint8_t *block, uint64_t magic, uint64_t nonce)
{
        static const uint8_t zero[4];
        uint32_t crc = crc32_update(0, block, 8);

        crc = crc32_update(crc, zero, 4);
        crc = crc32_update(crc, block + 12, WIRE_STATE_SIZE - 12);
        return wire_get64(block) == magic && wire_get64(block + 16) == nonce && wire_get32(block + 8) == crc;
}

void wire_state_put(uint8_t to[WIRE_STATE_SIZE], const struct wire_state *state)
{
        memset(to, 0, WIRE_STATE_SIZE);
        wire_put32(to + 24, state->attempt);
        wire_put32(to + 28, state->boot);
        wire_put32(to + 32, state->begun);
        wire_put32(to + 36, state->finished);
        block_seal(to, state_magic, state->nonce);
}

bool wire_state_get(const uint8_t from[WIRE_STATE_SIZE], uint64_t nonce, struct wire_state *ret)
{
        if (!block_open(from, state_magic, nonce))
                return false;
        *ret = (struct wire_state){
                .nonce = nonce,
                .attempt = wire_get32(from + 24),
                .boot = wire_get32(from + 28),
                .begun = wire_get32(from + 32),
                .finished = wire_get32(from + 36),
        };
        return true;
}

void wire_mailbox_put(uint8_t to[WIRE_STATE_SIZE], const struct wire_mailbox *mailbox)
{
        memset(to, 0, WIRE_STATE_SIZE);
        wire_put32(to + 24, mailbox->attempt);
        wire_put32(to + 28, mailbox->sequence);
        wire_put32(to + 32, mailbox->done);
        text_copy((char *)to + 36, MAILBOX_TEXT, mailbox->text);
        block_seal(to, mailbox_magic, mailbox->nonce);
}

bool wire_mailbox_get(const uint8_t from[WIRE_STATE_SIZE], uint64_t nonce, struct wire_mailbox *ret)
{
        if (!block_open(from, mailbox_magic, nonce))
                return false;
        ret->nonce = nonce;
        ret->attempt = wire_get32(from + 24);
        ret->sequence = wire_get32(from + 28);
        ret->done = wire_get32(from + 32);
        memcpy(ret->text, from + 36, MAILBOX_TEXT);
        ret->text[MAILBOX_TEXT - 1] = 0;
        return true;
}
