/* SPDX-License-Identifier: BSD-2-Clause */
/* Records out: to the journal partition (the channel of record), to the console (progress), or to the memory log. */
#pragma once

#include <efi.h>

#include "disk.h"
#include "wire.h"

/* One boot's records. They are gathered in memory and written whole pages at a time. */
struct say {
        struct disk *disk; /* NULL once boot services are gone */
        EFI_SYSTEM_TABLE *st;
        uint64_t nonce;
        uint16_t attempt; /* which slot */
        uint32_t sequence;
        uint8_t *buffer; /* page-aligned, size bytes */
        size_t size;
        size_t length;  /* bytes gathered */
        size_t flushed; /* bytes that are on the disk */
        size_t written; /* as flushed, down to a whole page */
        uint16_t case_id;
        uint8_t part;
        uint8_t half;
};

/* Adds a record; false where the slot is full. */
bool say_record(struct say *say, enum wire_kind kind, const void *payload, size_t size);
bool say_text(struct say *say, enum wire_kind kind, const char *text);
/* Writes what was gathered to the slot of this attempt. */
EFI_STATUS say_flush(struct say *say);
/* A line on ConOut, ending in CRLF; printable ASCII only. */
void say_line(struct say *say, const char *format, ...) __attribute__((format(printf, 2, 3)));
