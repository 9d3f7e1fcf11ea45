/* SPDX-License-Identifier: BSD-2-Clause */
/* GOS-09: where the image itself gives the kernel its command line, it does not bind it to one console. */
#include "judge.h"

#include <stdlib.h>
#include <strings.h>

#include "files.h"
#include "pe.h"

enum { LINES_MAX = 200, SHOWN = 100 };

struct lines {
        struct judge *j;
        unsigned seen;   /* command lines */
        unsigned pinned; /* that name one console alone */
};

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static unsigned consoles_count(const char *line, const char *end)
{
        static const char word[] = "console=";
        unsigned count = 0;

        for (const char *at = line; at + sizeof(word) - 1 < end; at++)
                count += (at == line || is_blank(at[-1]) || at[-1] == '"') && memcmp(at, word, sizeof(word) - 1) == 0;
        return count;
}

static void line_take(struct lines *lines, const char *path, const char *line, const char *end)
{
        char shown[SHOWN];

        while (end > line && is_blank(end[-1]))
                end--;
        while (line < end && is_blank(*line))
                line++;
        if (lines->seen++ >= LINES_MAX || consoles_count(line, end) != 1)
                return;
        if (lines->pinned++ > 0)
                return;
        (void)text_escape(shown, sizeof(shown), line, (size_t)(end - line));
        CHECK_SAY(lines->j, false, "none or several console= on a command line", "%.100s: %s", path, shown);
}

/* The lines of a GRUB, systemd-boot, Boot Loader Specification or extlinux file that give a command line. */
static void text_take(struct lines *lines, const char *path, const char *text)
{
        static const char *const words[] = {"options", "linux", "linuxefi", "append", "APPEND"};

        while (*text) {
                const char *end = text + strcspn(text, "\n"), *at = text;

                while (at < end && is_blank(*at))
                        at++;
                for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                        size_t length = strlen(words[i]);

                        if ((size_t)(end - at) > length && memcmp(at, words[i], length) == 0 && is_blank(at[length])) {
                                line_take(lines, path, at + length, end);
                                break;
                        }
                }
                text = *end ? end + 1 : end;
        }
}

/* The .cmdline section of a unified kernel image. */
static void unified_take(struct lines *lines, const struct guest_file *file)
{
        struct pe *pe = malloc(sizeof(*pe));
        const char *why;
        uint8_t head[40];

        for (unsigned i = 0; pe && (i || pe_read(&file->bytes, pe, &why)) && i < pe->sections; i++) {
                uint64_t at = pe->header_offset + 24ull + pe->optional_size + 40ull * i;
                char text[2048];
                uint32_t size = pe->section[i].virtual_size;

                if (size > pe->section[i].raw_size)
                        size = pe->section[i].raw_size;
                if (!image_read(&file->bytes, at, head, sizeof(head)) || memcmp(head, ".cmdline", 8) != 0 ||
                    size >= sizeof(text) || !image_read(&file->bytes, pe->section[i].raw_offset, text, size))
                        continue;
                text[size] = 0;
                line_take(lines, file->path, text, text + strlen(text));
        }
        free(pe);
}

static bool ends_with(const char *name, const char *with)
{
        size_t length = strlen(name), tail = strlen(with);

        return length >= tail && strcasecmp(name + length - tail, with) == 0;
}

static bool file_look(void *context, const struct guest_file *file)
{
        struct lines *lines = context;

        if (ends_with(file->name, ".conf") || ends_with(file->name, "grub.cfg")) {
                char *text = guest_file_text(file);

                if (text)
                        text_take(lines, file->path, text);
                free(text);
        } else if (ends_with(file->name, ".efi")) {
                unified_take(lines, file);
        }
        return true;
}

void judge_loader_pins_no_single_console(struct judge *j)
{
        struct lines lines = {.j = j};
        struct guest_walk walk = {.file = file_look, .context = &lines};

        guest_files_walk(j->image, &walk);
        if (lines.seen == 0)
                SKIP(j, "no loader's entry with a command line in %u files of %u file systems%s%s", walk.entries,
                     walk.volumes, walk.why ? "; " : "", walk.why ? walk.why : "");
        else if (!lines.pinned)
                CHECK_SAY(j, true, "none or several console= on a command line", "%u command lines", lines.seen);
}
