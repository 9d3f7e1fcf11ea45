/* SPDX-License-Identifier: BSD-2-Clause */
/* A record is on the disk before the next case begins. */
#include "say.h"

#include <string.h>

#include "text.h"

enum { PAGE = 4096, LINE = 200 };

bool say_record(struct say *say, enum wire_kind kind, const void *payload, size_t size)
{
        struct wire_record record = {
                .kind = kind,
                .case_id = say->case_id,
                .nonce = say->nonce,
                .attempt = say->attempt,
                .part = say->part,
                .half = say->half,
                .sequence = say->sequence,
                .payload = {payload, size},
        };
        size_t used = wire_record_put(say->buffer + say->length, say->size - say->length, &record);

        if (!used)
                return false;
        say->sequence++;
        say->length += used;
        return true;
}

bool say_text(struct say *say, enum wire_kind kind, const char *text)
{
        return say_record(say, kind, text, strlen(text));
}

EFI_STATUS say_flush(struct say *say)
{
        size_t end = (say->length + PAGE - 1) & ~(size_t)(PAGE - 1);
        EFI_STATUS status;

        if (!say->disk || say->length == say->flushed)
                return EFI_SUCCESS;
        status = disk_write(say->disk, WIRE_SLOT_OFFSET + (uint64_t)say->attempt * WIRE_SLOT_SIZE + say->written,
                            say->buffer + say->written, end - say->written);
        if (!EFI_ERROR(status)) {
                say->written = say->length & ~(size_t)(PAGE - 1);
                say->flushed = say->length;
        }
        return status;
}

void say_line(struct say *say, const char *format, ...)
{
        char line[LINE];
        CHAR16 wide[LINE + 3];
        size_t length;
        va_list args;

        if (!say->st->ConOut)
                return;
        va_start(args, format);
        length = text_vformat(line, sizeof(line), format, args);
        va_end(args);
        for (size_t i = 0; i < length; i++)
                wide[i] = line[i] >= 0x20 && line[i] < 0x7f ? (CHAR16)line[i] : '?';
        wide[length] = '\r';
        wide[length + 1] = '\n';
        wide[length + 2] = 0;
        (void)say->st->ConOut->OutputString(say->st->ConOut, wide);
}
