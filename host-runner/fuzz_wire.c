/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may stand in the journal partition: records, facts, plan, state, mailbox. What is taken can be put again.
 */
#include "fuzz.h"

#include <string.h>

#include "crc32.h"
#include "wire.h"

enum { RECORDS_MAX = 64 * 1024, RECORD_CRC = 28, PLAN_CRC = 8 };

/* The CRC-32 at that offset, which counts itself as zero, as cases/wire.c has them. */
static void crc_repair(uint8_t *bytes, size_t crc, size_t size)
{
        wire_put32(bytes + crc, 0);
        wire_put32(bytes + crc, crc32_update(0, bytes, size));
}

/* A record whose CRC the fuzzer could not guess: it is made right where the first byte asks for it. */
static void records_repair(uint8_t *bytes, size_t size)
{
        for (size_t at = 0; size - at >= WIRE_HEADER;) {
                uint32_t length = wire_get32(bytes + at + 24);

                if (length > size - at - WIRE_HEADER)
                        return;
                crc_repair(bytes + at, RECORD_CRC, WIRE_HEADER + length);
                at += (WIRE_HEADER + length + 7) & ~(size_t)7;
                if (at > size)
                        return;
        }
}

static void record_same(const struct wire_record *record)
{
        static uint8_t again[RECORDS_MAX + WIRE_HEADER + 8];
        struct wire_record read;
        size_t at = 0, length = wire_record_put(again, sizeof(again), record);
        struct fact fact;
        uint8_t put[WIRE_FACT_MAX];

        fuzz_expect(length > 0 && wire_record_get((struct bytes){again, length}, &at, &read) == WIRE_OK);
        fuzz_expect(at == length && read.sequence == record->sequence && read.payload.size == record->payload.size);
        if (wire_fact_get(record->payload, &fact))
                fuzz_expect(wire_fact_put(put, &fact) <= WIRE_FACT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t bytes[RECORDS_MAX];
        static struct plan plan;
        struct wire_record record;
        struct wire_mailbox mailbox;
        struct wire_state state;
        size_t at = 0;

        if (size < 1 || size - 1 > RECORDS_MAX)
                return 0;
        memset(bytes, 0, WIRE_STATE_SIZE);
        memcpy(bytes, data + 1, --size);
        if (data[0] & 2 && size >= 40 && wire_get32(bytes + 12) <= size)
                crc_repair(bytes, PLAN_CRC, wire_get32(bytes + 12));
        (void)plan_get((struct bytes){bytes, size}, &plan);
        (void)wire_state_get(bytes, 1, &state);
        (void)wire_mailbox_get(bytes, 1, &mailbox);
        if (data[0] & 1)
                records_repair(bytes, size);
        while (wire_record_get((struct bytes){bytes, size}, &at, &record) == WIRE_OK) {
                fuzz_expect(at <= size && record.payload.size <= size);
                record_same(&record);
        }
        return 0;
}
