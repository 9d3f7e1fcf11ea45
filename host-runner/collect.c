/* SPDX-License-Identifier: BSD-2-Clause */
/* A record counts only if it is whole, of this run, of this start, and next in the sequence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "lane_private.h"
#include "text.h"

/* More facts of one half, or more requests in one start, is no honest guest. */
enum { LOG_MAX = 1024 * 1024, FACTS_MAX = 1024, REQUESTS_MAX = 4096 };

static const char *half_name(uint8_t half)
{
        return half == HALF_G ? "guest" : half == HALF_J ? "judge" : "";
}

static json_t *record_line(const struct lane *lane, const char *event, const struct wire_record *record)
{
        json_t *line = json_pack("{s:s, s:i, s:i, s:i, s:i}", "event", event, "lane", (int)lane->config.number, "boot",
                                 (int)lane->boot, "attempt", (int)lane->slot, "seq", (int)record->sequence);

        if (record->case_id < CASE_COUNT)
                json_object_update_new(line, json_pack("{s:s, s:i, s:s}", "case", cases[record->case_id].name, "part",
                                                       record->part, "half", half_name(record->half)));
        return line;
}

static void lane_deafen(struct lane *lane, const char *why)
{
        lane->deaf = true;
        text_copy(lane->refused, sizeof(lane->refused), why);
        lane_event(lane, "refused", "%s", why);
        lane_end_vm(lane);
}

/* The half that a record is about; NULL where it is not planned for this boot. */
static struct unit *unit_find(struct lane *lane, const struct wire_record *record)
{
        const struct plan_boot *boot = lane_plan_boot(lane);
        bool judge = record->half == HALF_J;

        if (record->case_id >= CASE_COUNT || (record->half != HALF_G && !judge) ||
            !(cases[record->case_id].halves & record->half) || (judge && record->part != 1))
                return NULL;
        for (unsigned i = 0; i < boot->parts; i++)
                if (boot->part[i].case_id == record->case_id && boot->part[i].part == record->part)
                        return &lane->unit[lane->boot][i][judge];
        return NULL;
}

/*
 * A string of the guest's as JSON text: printable ASCII as it stands, or a judge that runs again would not find its own
 * words; every other byte, which no fact may have, as a question mark.
 */
static json_t *guest_text(const char *text)
{
        char plain[FACT_TEXT];
        size_t length = text_copy(plain, sizeof(plain), text);

        for (size_t i = 0; i < length; i++)
                if ((unsigned char)plain[i] < 0x20 || (unsigned char)plain[i] >= 0x7f)
                        plain[i] = '?';
        return json_string(plain);
}

static void take_fact(struct lane *lane, const struct wire_record *record)
{
        static const char *const kinds[] = {"", "passed", "failed", "note", "skip", "not-applicable", "error"};
        struct unit *unit = unit_find(lane, record);
        struct fact fact;
        json_t *line;

        if (!unit || !unit->begun || unit->facts == FACTS_MAX) {
                lane_deafen(lane, unit && unit->begun ? "more facts than a case can have" : "a fact of no case");
                return;
        }
        if (!wire_fact_get(record->payload, &fact)) {
                lane_deafen(lane, "a fact that does not parse");
                return;
        }
        unit->facts++;
        line = record_line(lane, "fact", record);
        json_object_update_new(line, json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", kinds[fact.kind], "place",
                                               guest_text(fact.place), "what", guest_text(fact.what), "got",
                                               guest_text(fact.got), "want", guest_text(fact.want)));
        (void)journal_write(lane->config.journal, line);
}

static void take_evidence(struct lane *lane, const struct wire_record *record)
{
        const uint8_t *payload = record->payload.data;
        uint32_t kind = record->payload.size >= 8 ? wire_get32(payload) : EVIDENCE_COUNT;
        uint32_t size = kind < EVIDENCE_COUNT ? wire_get32(payload + 4) : 0;
        char path[128];
        uint8_t *whole;
        uint32_t crc;
        json_t *line;

        if (kind >= EVIDENCE_COUNT || size > EVIDENCE_MAX || size < record->payload.size - 8 ||
            lane->evidence & 1u << kind) {
                lane_deafen(lane, "evidence that does not parse, or that was told already");
                return;
        }
        lane->evidence |= 1u << kind;
        whole = calloc(1, size ? size : 1);
        if (!whole)
                return;
        memcpy(whole, payload + 8, record->payload.size - 8);
        snprintf(path, sizeof(path), "evidence/lane-%u-start-%u/%s", lane->config.number, lane->slot,
                 evidence_file_name(kind));
        (void)journal_write_file(lane->config.journal, path, (struct bytes){whole, size}, &crc);
        free(whole);
        line = record_line(lane, "evidence", record);
        json_object_update_new(
                line, json_pack("{s:i, s:s, s:I}", "kind", (int)kind, "file", path, "file_crc", (json_int_t)crc));
        (void)journal_write(lane->config.journal, line);
}

static void take_begin(struct lane *lane, const struct wire_record *record)
{
        struct evidence text = {.of[EVIDENCE_TOLD] = record->payload};
        uint64_t catalogue = 0, boot = 0;
        char arch[16] = "", why[100];

        (void)evidence_text(&text, EVIDENCE_TOLD, "arch", arch, sizeof(arch));
        if (lane->began) {
                lane_deafen(lane, "a second beginning");
                return;
        }
        if (!evidence_number(&text, EVIDENCE_TOLD, "catalogue", &catalogue) || catalogue != catalogue_hash) {
                lane_deafen(lane, "the application is of another catalogue: the suite's disk is stale");
                return;
        }
        if (!evidence_number(&text, EVIDENCE_TOLD, "boot", &boot) || boot != lane->boot) {
                snprintf(why, sizeof(why), "the guest runs boot %llu, expected boot %u", (unsigned long long)boot,
                         lane->boot);
                lane_deafen(lane, why);
                return;
        }
        lane->began = true;
        lane_attend(lane);
        lane->begun_at = loop_now();
        if (lane->config.slowest && !lane->thawed && lane->begun_at - lane->started_at > *lane->config.slowest)
                *lane->config.slowest = lane->begun_at - lane->started_at;
        lane->starts++;
        lane->thawed = false;
        lane_event(lane, "begin", "arch=%s", arch);
}

/* A case begins once in a lane: an attempt that died is not made again. */
static void take_case_begin(struct lane *lane, const struct wire_record *record)
{
        struct unit *unit = unit_find(lane, record);

        if (!unit || unit->begun || lane->open) {
                lane_deafen(lane, !unit         ? "a case that is not planned for this boot"
                                  : unit->begun ? "a case that begins twice"
                                                : "a case that begins inside another one");
                return;
        }
        lane_attend(lane);
        unit->begun = true;
        lane->open = unit;
        lane->case_id = record->case_id;
        (void)journal_write(lane->config.journal, record_line(lane, "case-begin", record));
}

static void take_case_end(struct lane *lane, const struct wire_record *record)
{
        struct unit *unit = unit_find(lane, record);

        if (!unit || unit != lane->open) {
                lane_deafen(lane, "the end of a case that had not begun");
                return;
        }
        lane_tell_starved(lane, lane->case_id);
        unit->ended = true;
        lane->open = NULL;
        lane->case_id = WIRE_NO_CASE;
        (void)journal_write(lane->config.journal, record_line(lane, "case-end", record));
}

static void take_request(struct lane *lane, const struct wire_record *record)
{
        if (lane->requests++ < REQUESTS_MAX)
                lane_request(lane, record->sequence, record->payload);
        else
                lane_deafen(lane, "more requests than a start can have");
}

static void take_end(struct lane *lane, const struct wire_record *record)
{
        uint32_t ending = record->payload.size == 4 ? wire_get32(record->payload.data) : ENDING_COUNT;

        if (ending >= ENDING_COUNT || lane->open) {
                lane_deafen(lane, lane->open ? "the end of the boot inside a case" : "an ending that does not parse");
                return;
        }
        lane->ended = true;
        lane_event(lane, "end-of-boot", "%s", ending_name(ending));
        if (ending == ENDING_KILLED && lane_plan_boot(lane)->ending == ENDING_KILLED)
                lane_kill_soon(lane);
}

static void take_log(struct lane *lane, const struct wire_record *record)
{
        if (record->payload.size != 12 || lane->log_size) {
                lane_deafen(lane, "a memory log that does not parse, or a second one");
                return;
        }
        lane->log_address = wire_get64(record->payload.data);
        lane->log_size = wire_get32(record->payload.data + 8);
        if (lane->log_size > LOG_MAX)
                lane->log_size = LOG_MAX;
}

/* Why a record cannot be the next one of this start; NULL where it can. */
static const char *record_misfit(const struct lane *lane, const struct wire_record *record)
{
        if (record->nonce != lane->config.plan->plan.nonce)
                return "a record of another run";
        if (record->attempt != lane->slot)
                return "a record of another start";
        if (record->sequence != lane->sequence)
                return "a gap in the sequence";
        if (!lane->began && record->kind != WIRE_BOOT_BEGIN)
                return "a record before the beginning";
        if (lane->ended && record->kind != WIRE_FACT) /* a PSCI call that returns is told after the end */
                return "a record after the end";
        return NULL;
}

static void record_take(struct lane *lane, const struct wire_record *record)
{
        static void (*const takes[WIRE_KIND_END])(struct lane *, const struct wire_record *) = {
                [WIRE_BOOT_BEGIN] = take_begin,  [WIRE_CASE_BEGIN] = take_case_begin, [WIRE_FACT] = take_fact,
                [WIRE_CASE_END] = take_case_end, [WIRE_EVIDENCE] = take_evidence,     [WIRE_REQUEST] = take_request,
                [WIRE_MEMORY_LOG] = take_log,    [WIRE_BOOT_END] = take_end,
        };
        const char *misfit = record_misfit(lane, record);

        if (misfit) {
                lane_deafen(lane, misfit);
                return;
        }
        lane->sequence++;
        takes[record->kind](lane, record);
        if (!lane->deaf)
                lane_progress(lane);
}

static bool lane_room(struct lane *lane, size_t size)
{
        uint8_t *grown;

        if (size <= lane->room)
                return true;
        grown = realloc(lane->bytes, size);
        if (!grown)
                return false;
        lane->bytes = grown;
        lane->room = size;
        return true;
}

static off_t slot_offset(const struct lane *lane, unsigned slot)
{
        return (off_t)(lane->disk.journal + WIRE_SLOT_OFFSET + (uint64_t)slot * WIRE_SLOT_SIZE);
}

/* Copies the record at the lane's place out of the disk, so that the guest cannot change it while it is looked at. */
static enum wire_result record_copy(struct lane *lane, struct wire_record *ret, size_t *ret_step)
{
        off_t at = slot_offset(lane, lane->slot) + (off_t)lane->slot_at;
        size_t size = WIRE_HEADER, step = 0;
        enum wire_result result;

        if (lane->slot >= WIRE_SLOTS || lane->slot_at + WIRE_HEADER > WIRE_SLOT_SIZE)
                return WIRE_END;
        if (!lane_room(lane, WIRE_HEADER) || pread(lane->disk.fd, lane->bytes, WIRE_HEADER, at) != WIRE_HEADER)
                return WIRE_TORN;
        if (wire_get32(lane->bytes) == 0)
                return WIRE_END;
        if (wire_get32(lane->bytes + 24) > WIRE_PAYLOAD_MAX)
                return WIRE_TORN;
        size = (WIRE_HEADER + wire_get32(lane->bytes + 24) + 7) & ~(size_t)7;
        if (lane->slot_at + size > WIRE_SLOT_SIZE || !lane_room(lane, size) ||
            pread(lane->disk.fd, lane->bytes, size, at) != (ssize_t)size)
                return WIRE_TORN;
        result = wire_record_get((struct bytes){lane->bytes, size}, &step, ret);
        *ret_step = step;
        return result;
}

/* A start that died before its first record leaves its slot empty: go on to the next one where that is written. */
static void slot_skip_empty(struct lane *lane)
{
        uint8_t word[4] = {0};

        if (lane->began || lane->slot_at || lane->slot + 1 >= WIRE_SLOTS)
                return;
        if (pread(lane->disk.fd, word, 4, slot_offset(lane, lane->slot)) == 4 && wire_get32(word) == 0 &&
            pread(lane->disk.fd, word, 4, slot_offset(lane, lane->slot + 1)) == 4 && wire_get32(word) != 0)
                lane->slot++;
}

void lane_read(struct lane *lane)
{
        struct wire_record record;
        size_t step = 0;

        slot_skip_empty(lane);
        while (!lane->over && !lane->deaf && record_copy(lane, &record, &step) == WIRE_OK) {
                lane->slot_at += step;
                record_take(lane, &record);
        }
}

void lane_check_torn(struct lane *lane)
{
        struct wire_record record;
        size_t step = 0;

        if (lane->deaf || lane->log_size)
                return;
        if (record_copy(lane, &record, &step) == WIRE_TORN)
                lane_event(lane, "torn", "the last record of the start is torn");
}

void lane_read_log(struct lane *lane)
{
        uint8_t *log = malloc(lane->log_size);
        ssize_t got = log ? pread(lane->memory_log, log, lane->log_size, 0) : -1;
        enum wire_result result = WIRE_OK;
        struct wire_record record;
        size_t at = 0;

        while (got > 0 && !lane->deaf && result == WIRE_OK) {
                result = wire_record_get((struct bytes){log, (size_t)got}, &at, &record);
                if (result == WIRE_OK)
                        record_take(lane, &record);
        }
        if (got <= 0 || result == WIRE_TORN)
                lane_event(lane, "torn", got <= 0 ? "the memory log cannot be read" : "the memory log is torn");
        free(log);
}
