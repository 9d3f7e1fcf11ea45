/* SPDX-License-Identifier: BSD-2-Clause */
/* A check that did not hold is always told, with what was found and what was expected. */
#include "check.h"
#include "text.h"

static void fact_begin(struct fact *fact, enum fact_kind kind, const char *place, const char *what)
{
        fact->kind = kind;
        text_copy(fact->place, sizeof(fact->place), place);
        text_copy(fact->what, sizeof(fact->what), what);
        fact->got[0] = 0;
        fact->want[0] = 0;
}

static bool check_finish(struct check *check, struct fact *fact, bool held)
{
        unsigned *count = held ? &check->held : &check->failed;
        unsigned most = held ? CHECK_TOLD_MAX : CHECK_FAILED_MAX;

        fact->kind = held ? FACT_PASSED : FACT_FAILED;
        if ((*count)++ < most)
                check->tell(check, fact);
        return held;
}

static void number_print(char to[FACT_TEXT], const char *prefix, uint64_t value)
{
        if (value < 10)
                text_format(to, FACT_TEXT, "%s%llu", prefix, (unsigned long long)value);
        else
                text_format(to, FACT_TEXT, "%s0x%llx (%llu)", prefix, (unsigned long long)value,
                            (unsigned long long)value);
}

bool check_that(struct check *check, const char *place, const char *what, bool held)
{
        struct fact fact;

        fact_begin(&fact, FACT_PASSED, place, what);
        text_copy(fact.got, sizeof(fact.got), held ? "true" : "false");
        text_copy(fact.want, sizeof(fact.want), "true");
        return check_finish(check, &fact, held);
}

void check_decide(struct check *check, bool holds)
{
        check->decided = holds;
}

bool check_say(struct check *check, const char *place, bool held, const char *what, const char *want,
               const char *format, ...)
{
        struct fact fact;
        va_list args;

        fact_begin(&fact, FACT_PASSED, place, what);
        va_start(args, format);
        text_vformat(fact.got, sizeof(fact.got), format, args);
        va_end(args);
        text_copy(fact.want, sizeof(fact.want), want);
        return check_finish(check, &fact, held);
}

bool check_compare(struct check *check, const char *place, const char *what, uint64_t got, enum check_relation relation,
                   uint64_t with)
{
        static const char *const words[] = {"", "not ", "at least ", "at most "};
        const bool held[] = {got == with, got != with, got >= with, got <= with};
        struct fact fact;

        fact_begin(&fact, FACT_PASSED, place, what);
        number_print(fact.got, "", got);
        number_print(fact.want, words[relation], with);
        return check_finish(check, &fact, held[relation]);
}

bool check_between(struct check *check, const char *place, const char *what, uint64_t got, uint64_t least,
                   uint64_t most)
{
        struct fact fact;

        fact_begin(&fact, FACT_PASSED, place, what);
        number_print(fact.got, "", got);
        text_format(fact.want, sizeof(fact.want), "0x%llx to 0x%llx", (unsigned long long)least,
                    (unsigned long long)most);
        return check_finish(check, &fact, got >= least && got <= most);
}

bool check_status(struct check *check, const char *place, const char *what, uint64_t got, uint64_t want)
{
        struct fact fact;

        fact_begin(&fact, FACT_PASSED, place, what);
        text_copy(fact.got, sizeof(fact.got), status_name(got).text);
        text_copy(fact.want, sizeof(fact.want), status_name(want).text);
        return check_finish(check, &fact, got == want);
}

static bool text_same(const char *a, const char *b)
{
        while (*a && *a == *b) {
                a++;
                b++;
        }
        return *a == *b;
}

static size_t text_length(const char *text)
{
        size_t length = 0;

        while (text[length])
                length++;
        return length;
}

bool check_text(struct check *check, const char *place, const char *what, const char *got, const char *want)
{
        struct fact fact;

        fact_begin(&fact, FACT_PASSED, place, what);
        text_escape(fact.got, sizeof(fact.got), got, text_length(got));
        text_escape(fact.want, sizeof(fact.want), want, text_length(want));
        return check_finish(check, &fact, text_same(got, want));
}

void check_note_number(struct check *check, const char *place, const char *name, uint64_t value)
{
        struct fact fact;

        fact_begin(&fact, FACT_NOTE, place, name);
        number_print(fact.got, "", value);
        check->tell(check, &fact);
}

void check_note(struct check *check, const char *place, const char *name, const char *format, ...)
{
        struct fact fact;
        va_list args;

        fact_begin(&fact, FACT_NOTE, place, name);
        va_start(args, format);
        text_vformat(fact.got, sizeof(fact.got), format, args);
        va_end(args);
        check->tell(check, &fact);
}

void check_other(struct check *check, const char *place, enum fact_kind kind, const char *format, ...)
{
        struct fact fact;
        va_list args;

        fact_begin(&fact, kind, place, "");
        va_start(args, format);
        text_vformat(fact.got, sizeof(fact.got), format, args);
        va_end(args);
        check->other++;
        check->tell(check, &fact);
}

struct status_name status_name(uint64_t status)
{
        static const char *const errors[] = {
                NULL,
                "LOAD_ERROR",
                "INVALID_PARAMETER",
                "UNSUPPORTED",
                "BAD_BUFFER_SIZE",
                "BUFFER_TOO_SMALL",
                "NOT_READY",
                "DEVICE_ERROR",
                "WRITE_PROTECTED",
                "OUT_OF_RESOURCES",
                "VOLUME_CORRUPTED",
                "VOLUME_FULL",
                "NO_MEDIA",
                "MEDIA_CHANGED",
                "NOT_FOUND",
                "ACCESS_DENIED",
                "NO_RESPONSE",
                "NO_MAPPING",
                "TIMEOUT",
                "NOT_STARTED",
                "ALREADY_STARTED",
                "ABORTED",
                "ICMP_ERROR",
                "TFTP_ERROR",
                "PROTOCOL_ERROR",
                "INCOMPATIBLE_VERSION",
                "SECURITY_VIOLATION",
                "CRC_ERROR",
        };
        struct status_name name;
        uint64_t code = status & 0xffff;
        bool error = status == (0x8000000000000000 | code) || status == (0x80000000 | code);

        if (status == 0)
                text_copy(name.text, sizeof(name.text), "SUCCESS");
        else if (error && code > 0 && code < sizeof(errors) / sizeof(errors[0]))
                text_copy(name.text, sizeof(name.text), errors[code]);
        else
                text_format(name.text, sizeof(name.text), "0x%llx", (unsigned long long)status);
        return name;
}
