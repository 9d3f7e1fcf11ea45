/* SPDX-License-Identifier: BSD-2-Clause */
/* One self-contained page that a browser shows without a script and without fetching anything. */
#include "writers.h"

#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "remarks.h"
#include "summary.h"

static const char head[] =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>vmspec report</title>\n"
        "<style>\n"
        ":root{color-scheme:light dark;--bg:#fff;--fg:#1d2329;--dim:#5b6672;--line:#d8dee4;--soft:#f4f6f8;"
        "--good:#1a7f37;--bad:#c62828;--warn:#9a6700;--off:#57606a}\n"
        "@media(prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e2e7ec;--dim:#9aa5b1;--line:#313943;"
        "--soft:#1c2229;--good:#4ac26b;--bad:#ff7b72;--warn:#d9a62e;--off:#9aa5b1}}\n"
        "body{background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif;max-width:76rem;"
        "margin:0 auto;padding:1.5rem}\n"
        "h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .25rem}\n"
        "p{margin:.25rem 0 1rem;color:var(--dim)}\n"
        "table{border-collapse:collapse;width:100%}\n"
        "th,td{border-bottom:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top}\n"
        "thead th,.group th{background:var(--soft)}.group th{font-size:.95rem}\n"
        "code,.fact td{font-family:ui-monospace,monospace;font-size:.85rem}\n"
        ".fact td{overflow-wrap:anywhere}\n"
        ".fact td:first-child,.fact td:last-child,.deciding{white-space:nowrap}.outcome td{width:28%}\n"
        ".fact{margin:.5rem 0}.fact th{font-weight:normal;color:var(--dim)}\n"
        "small{color:var(--dim);display:block}summary{cursor:pointer}.reason{overflow-wrap:anywhere}\n"
        ".mark{font-weight:600;white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}"
        ".warn{color:var(--warn)}.off{color:var(--off)}\n"
        ".narrow{white-space:nowrap;width:1%}\n"
        "</style>\n</head>\n<body>\n";

static const char *shown_class(enum shown shown)
{
        static const char *const classes[SUMMARY_SHOWN] = {
                [SHOWN_PASS] = "good",   [SHOWN_FAIL] = "bad", [SHOWN_WARN] = "warn",          [SHOWN_INFO] = "off",
                [SHOWN_WAIVED] = "warn", [SHOWN_SKIP] = "off", [SHOWN_NOT_APPLICABLE] = "off", [SHOWN_ERROR] = "bad"};

        return classes[shown];
}

static const char *outcome_class(enum outcome outcome)
{
        static const char *const classes[] = {
                [OUTCOME_CONFORMANT] = "good",
                [OUTCOME_NOT_CONFORMANT] = "bad",
                [OUTCOME_INCOMPLETE] = "warn",
                [OUTCOME_NOT_JUDGED] = "off",
        };

        return classes[outcome];
}

static void tagged_write(FILE *to, const char *tag, const char *text)
{
        fprintf(to, "<%s>", tag);
        escape_write(to, ESCAPE_XML, text);
        fprintf(to, "</%s>", tag);
}

static void party_write(const struct ledger *ledger, enum party party, enum profile profile, FILE *to)
{
        enum outcome outcome = ledger_outcome(ledger, party, profile);
        const char *by;

        fprintf(to, "<td><span class=\"mark %s\">%s</span>", outcome_class(outcome), outcome_name(outcome));
        for (int clause = 0; clause < CLAUSE_COUNT; clause++)
                if (summary_decides(ledger, clause, party, profile, &by))
                        fprintf(to, " <code class=\"deciding\">%s %s</code>", clause_print_name(clause).text, by);
        fprintf(to, "<small>MUST not covered: %u, not run: %u</small></td>\n",
                summary_clauses(ledger, party, profile, summary_not_covered),
                summary_clauses(ledger, party, profile, summary_not_run));
}

static void outcomes_write(const struct ledger *ledger, FILE *to)
{
        fputs("<table class=\"outcome\">\n<thead><tr><th>Profile</th>", to);
        for (int p = 0; p < SUMMARY_PARTIES; p++)
                tagged_write(to, "th", summary_parties[p].name);
        fputs("</tr></thead>\n<tbody>\n", to);
        for (int profile = 0; profile < PROFILE_COUNT; profile++) {
                fprintf(to, "<tr><th class=\"narrow\">%s%s</th>\n", profile_name(profile),
                        profile == (int)ledger->profile ? "<small>decides</small>" : "");
                for (int p = 0; p < SUMMARY_PARTIES; p++)
                        party_write(ledger, summary_parties[p].party, profile, to);
                fputs("</tr>\n", to);
        }
        fputs("</tbody>\n</table>\n", to);
}

static void fact_write(const struct entry *entry, FILE *to)
{
        static const char *const kinds[FACT_KIND_END] = {"",     "held",           "failed", "note",
                                                         "skip", "not applicable", "error"};
        const struct fact *fact = &entry->fact;

        fputs("<tr>", to);
        tagged_write(to, "td", fact->kind >= FACT_PASSED && fact->kind < FACT_KIND_END ? kinds[fact->kind] : "");
        tagged_write(to, "td", fact->what);
        tagged_write(to, "td", fact->got);
        tagged_write(to, "td", fact->want);
        fputs("<td>", to);
        escape_write(to, ESCAPE_XML, fact->place);
        if (entry->origin[0])
                tagged_write(to, "small", entry->origin);
        fputs("</td></tr>\n", to);
}

static void facts_write(const struct row *row, bool open, FILE *to)
{
        if (row->entries == 0)
                return;
        fprintf(to, "<details%s><summary>%zu %s</summary>\n<table class=\"fact\">", open ? " open" : "", row->entries,
                row->entries == 1 ? "fact" : "facts");
        fputs("<tr><th>fact</th><th>what</th><th>got</th><th>want</th><th>where</th></tr>\n", to);
        for (size_t i = 0; i < row->entries; i++)
                fact_write(&row->entry[i], to);
        fputs("</table></details>\n", to);
}

static void remarks_write(const struct ledger *ledger, const struct subject *subject, const struct row *row, FILE *to)
{
        struct remarks remarks;

        row_remark(ledger, subject, row, &remarks);
        for (size_t i = 0; i < remarks.count; i++) {
                fprintf(to, "<small class=\"remark\">%s: ", remarks.remark[i].key);
                escape_write(to, ESCAPE_XML, remarks.remark[i].text);
                fputs("</small>\n", to);
        }
}

static void row_write(const struct ledger *ledger, const struct subject *subject, const struct row *row, FILE *to)
{
        const struct test_case *test = &cases[row->id];
        enum level level = case_level(row->id, ledger->profile, ledger->overlays);
        enum shown shown = row_shown(row, ledger->profile, ledger->overlays);

        fprintf(to, "<tr><td class=\"narrow\"><span class=\"mark %s\">%s</span></td>\n", shown_class(shown),
                shown_name(shown));
        fprintf(to, "<td class=\"narrow\">%s<small>%s</small></td>\n<td>", clause_print_name(test->clause).text,
                level == LEVEL_ABSENT ? "not asked" : level_name(level));
        escape_write(to, ESCAPE_XML, test->claim);
        fprintf(to, " <code class=\"off\">%s</code>\n", test->name);
        if (row->reason[0]) {
                fprintf(to, "<div class=\"reason %s\">", shown_class(shown));
                escape_write(to, ESCAPE_XML, row->reason);
                fputs("</div>\n", to);
        }
        if (row->waived) {
                fputs("<div class=\"reason\">waived: ", to);
                escape_write(to, ESCAPE_XML, row->waiver);
                fputs("</div>\n", to);
        }
        remarks_write(ledger, subject, row, to);
        facts_write(row, shown == SHOWN_FAIL, to);
        fputs("</td></tr>\n", to);
}

static void counts_write(const struct ledger *ledger, const struct subject *subject, FILE *to)
{
        unsigned counts[SUMMARY_SHOWN] = {0};

        summary_count(ledger, subject, counts);
        fputs("<p>", to);
        for (int shown = 0; shown < SUMMARY_SHOWN; shown++)
                if (counts[shown])
                        fprintf(to, "<span class=\"mark %s\">%u&nbsp;%s</span> &ensp;", shown_class(shown),
                                counts[shown], shown_name(shown));
        fputs("</p>\n", to);
}

static void subject_write(const struct ledger *ledger, size_t index, FILE *to)
{
        const struct subject *subject = &ledger->subject[index];
        struct ledger alone = summary_alone(ledger, index);
        struct clause_name group = {""};

        fprintf(to, "<h2>%s ", subject->image ? "Image" : "Machine");
        escape_write(to, ESCAPE_XML, subject->name);
        fputs("</h2>\n", to);
        tagged_write(to, "p", subject->about);
        counts_write(ledger, subject, to);
        if (subject->baseline) {
                fputs("<p>", to);
                baseline_write(subject, to);
                fputs("</p>\n", to);
        }
        if (ledger->subjects > 1)
                outcomes_write(&alone, to);
        fputs("<table>\n<thead><tr><th>Result</th><th>Clause</th><th>Case</th></tr></thead>\n<tbody>\n", to);
        for (size_t i = 0; i < subject->rows; i++) {
                const struct row *row = &subject->row[i];
                struct clause_name name = clause_print_name(cases[row->id].clause);

                name.text[strcspn(name.text, "-")] = 0;
                if (strcmp(name.text, group.text) != 0) {
                        fprintf(to, "<tr class=\"group\"><th colspan=\"3\">%s</th></tr>\n", name.text);
                        group = name;
                }
                row_write(ledger, subject, row, to);
        }
        fputs("</tbody>\n</table>\n", to);
}

static void waivers_write(const struct ledger *ledger, FILE *to)
{
        if (ledger->waivers == 0)
                return;
        fputs("<h2>Waivers</h2>\n<ul>\n", to);
        for (size_t i = 0; i < ledger->waivers; i++) {
                const struct waiver *waiver = &ledger->waiver[i];

                fprintf(to, "<li class=\"%s\">", waiver->expired || !waiver->waives ? "warn" : "off");
                waiver_write(waiver, ESCAPE_XML, to);
                fputs("</li>\n", to);
        }
        fputs("</ul>\n", to);
}

int report_html(const struct ledger *ledger, FILE *to)
{
        fputs(head, to);
        fprintf(to, "<h1>vmspec report</h1>\n<p>vmspec %s, catalogue %016" PRIx64 ", profile %s", VMSPEC_VERSION,
                catalogue_hash, profile_name(ledger->profile));
        for (int overlay = OVERLAY_CORE + 1; overlay < OVERLAY_COUNT; overlay++)
                if (ledger->overlays & 1u << overlay)
                        fprintf(to, ", overlay %s", overlay_name(overlay));
        fprintf(to, ", exit status %d</p>\n", ledger_exit_status(ledger));
        fputs("<h2>Outcome</h2>\n<p>Not covered: the catalogue has no case. Not run: it has, but none was "
              "selected.</p>\n",
              to);
        outcomes_write(ledger, to);
        waivers_write(ledger, to);
        for (size_t s = 0; s < ledger->subjects; s++)
                subject_write(ledger, s, to);
        fputs("</body>\n</html>\n", to);
        return 0;
}
