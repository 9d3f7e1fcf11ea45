/* SPDX-License-Identifier: BSD-2-Clause */
/* A file is a configuration by what stands in it: its name only says where to look. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

#include "text.h"

enum { SCANNED_MAX = 48 * 1024 * 1024 /* bytes of kernels, in all */, STEP = 1024 * 1024, PACKED_MAX = 512 * 1024 };

static const char mark[] = "IKCFG_ST";

static bool text_is_configuration(const char *text)
{
        return strstr(text, "\nCONFIG_ARM64=y\n") || (strstr(text, "\nCONFIG_") && strstr(text, "\n# CONFIG_"));
}

static bool name_begins(const char *name, const char *with)
{
        return strncasecmp(name, with, strlen(with)) == 0;
}

static bool name_is_kernel(const char *name)
{
        size_t length = strlen(name);

        return name_begins(name, "vmlinuz") || name_begins(name, "Image") || name_begins(name, "linux") ||
               name_begins(name, "kernel") || (length > 4 && strcasecmp(name + length - 4, ".efi") == 0);
}

/* Inflates what begins at an offset of the file as gzip. */
static char *unpack(const struct guest_file *file, uint64_t at)
{
        uint64_t left = file->bytes.size - at;
        size_t size = left < PACKED_MAX ? (size_t)left : PACKED_MAX;
        uint8_t *packed = malloc(size ? size : 1);
        char *text = malloc(GUEST_TEXT_MAX + 1);
        z_stream stream = {
                .next_in = packed, .avail_in = (uInt)size, .next_out = (Bytef *)text, .avail_out = GUEST_TEXT_MAX};
        bool whole = false;

        if (packed && text && image_read(&file->bytes, at, packed, size) &&
            inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK) {
                whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
                (void)inflateEnd(&stream);
        }
        free(packed);
        if (whole) {
                text[stream.total_out] = 0;
                return text;
        }
        free(text);
        return NULL;
}

static char *kernel_text(const struct guest_file *file, uint64_t *scanned)
{
        size_t overlap = sizeof(mark) - 2;
        uint8_t *buffer = malloc(STEP);
        char *text = NULL;

        for (uint64_t at = 0; buffer && !text && at + sizeof(mark) < file->bytes.size && *scanned < SCANNED_MAX;
             at += STEP - overlap) {
                uint64_t left = file->bytes.size - at;
                size_t size = left < STEP ? (size_t)left : STEP;
                const uint8_t *found;

                *scanned += size;
                if (!image_read(&file->bytes, at, buffer, size))
                        break;
                found = memmem(buffer, size, mark, sizeof(mark) - 1);
                if (found)
                        text = unpack(file, at + (uint64_t)(found - buffer) + sizeof(mark) - 1);
        }
        free(buffer);
        return text;
}

static bool file_look(void *context, const struct guest_file *file)
{
        struct kernel_config *config = context;
        char *text = NULL;

        if (name_begins(file->name, "config-") || strcasecmp(file->name, "config") == 0)
                text = guest_file_text(file);
        else if (name_is_kernel(file->name))
                text = kernel_text(file, &config->scanned);
        if (text && text_is_configuration(text)) {
                config->text = text;
                text_copy(config->where, sizeof(config->where), file->path);
                return false;
        }
        free(text);
        return true;
}

void kernel_config_find(const struct image *image, struct kernel_config *ret)
{
        struct guest_walk walk = {.file = file_look, .context = ret};

        *ret = (struct kernel_config){0};
        guest_files_walk(image, &walk);
        if (!ret->text)
                (void)text_format(ret->where, sizeof(ret->where),
                                  "no kernel configuration in %u files of %u file systems%s%s", walk.entries,
                                  walk.volumes, walk.why ? "; " : "", walk.why ? walk.why : "");
}

void kernel_config_free(struct kernel_config *config)
{
        free(config->text);
        config->text = NULL;
}

bool kernel_config_has(const struct kernel_config *config, const char *option)
{
        char word[64];
        size_t length = text_format(word, sizeof(word), "CONFIG_%s=", option);

        for (const char *at = config->text; at && (at = strstr(at, word)) != NULL; at += length)
                if ((at == config->text || at[-1] == '\n') && (at[length] == 'y' || at[length] == 'm'))
                        return true;
        return false;
}
