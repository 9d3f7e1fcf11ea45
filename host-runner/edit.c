/* SPDX-License-Identifier: BSD-2-Clause */
/* A line is split, its operation found by name, and its numbers read strictly: a misspelt line changes nothing. */
#include "edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edit_disk.h"
#include "text.h"

int edit_fail(struct edit *edit, int status, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        text_vformat(edit->error, edit->error_size, format, args);
        va_end(args);
        return status;
}

int edit_read(struct edit *edit, uint64_t at, void *to, size_t size)
{
        if (image_read(&edit->file.image, at, to, size))
                return 0;
        return edit_fail(edit, -EIO, "%s: %u bytes at %llu cannot be read", edit->word[0], (unsigned)size,
                         (unsigned long long)at);
}

int edit_write(struct edit *edit, uint64_t at, const void *from, size_t size)
{
        const uint64_t end = edit->file.image.size;

        if (at <= end && size <= end - at && pwrite(edit->fd, from, size, (off_t)at) == (ssize_t)size)
                return 0;
        return edit_fail(edit, -EIO, "%s: %u bytes at %llu cannot be written", edit->word[0], (unsigned)size,
                         (unsigned long long)at);
}

int edit_write_number(struct edit *edit, uint64_t at, uint64_t value, unsigned width)
{
        uint8_t bytes[8];

        for (unsigned i = 0; i < 8; i++)
                bytes[i] = (uint8_t)(value >> 8 * i);
        return edit_write(edit, at, bytes, width);
}

int edit_esp(struct edit *edit, struct esp *ret)
{
        struct esp_list list;

        esp_find(&edit->file.image, &list);
        if (list.count == 0)
                return edit_fail(edit, -ENOENT, "%s: %s", edit->word[0], list.why);
        *ret = list.esp[0];
        return 0;
}

/* The places that a number can begin with; the longer of two with the same beginning comes first. */
static int place_number(struct edit *edit, const char *word, uint64_t *ret, const char **ret_rest)
{
        static const char *const names[] = {"esp-first", "esp-last", "esp", "end", "last"};
        const struct image *image = &edit->file.image;
        struct esp esp = {0};
        size_t i = 0;

        while (i < 5 && strncmp(word, names[i], strlen(names[i])) != 0)
                i++;
        if (i == 5)
                return 0;
        if (i < 3 && edit_esp(edit, &esp) < 0)
                return -ENOENT;
        *ret = (const uint64_t[]){esp.start / image->block_size, (esp.start + esp.size) / image->block_size - 1,
                                  esp.start, image->size, image_blocks(image) - 1}[i];
        *ret_rest = word + strlen(names[i]);
        return 1;
}

int edit_number(struct edit *edit, const char *word, uint64_t *ret)
{
        uint64_t base = 0, number = 0;
        const char *rest = word;
        char *end;
        bool minus;
        int placed = place_number(edit, word, &base, &rest);

        if (placed < 0)
                return placed;
        minus = placed && *rest == '-';
        if (placed && (*rest == '+' || *rest == '-'))
                rest++;
        else if (placed && *rest)
                return edit_fail(edit, -EINVAL, "%s: \"%s\" is no number", edit->word[0], word);
        if (*rest < '0' || *rest > '9') {
                if (*rest || !placed || rest[-1] == '+' || rest[-1] == '-')
                        return edit_fail(edit, -EINVAL, "%s: \"%s\" is no number", edit->word[0], word);
                *ret = base;
                return 0;
        }
        errno = 0;
        number = strtoull(rest, &end, 0);
        if (*end == 'K' || *end == 'M')
                number <<= *end++ == 'K' ? 10 : 20;
        if (errno || *end)
                return edit_fail(edit, -EINVAL, "%s: \"%s\" is no number", edit->word[0], word);
        *ret = minus ? base - number : base + number;
        return 0;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int edit_hex(struct edit *edit, const char *word, uint8_t to[EDIT_HEX_MAX], size_t *ret_size)
{
        size_t length = strlen(word);

        for (size_t i = 0; i < length; i++)
                if (hex_digit(word[i]) < 0 || length % 2 || length > 2 * EDIT_HEX_MAX)
                        return edit_fail(edit, -EINVAL, "%s: \"%.40s\" is not bytes in hexadecimal", edit->word[0],
                                         word);
        for (size_t i = 0; i < length / 2; i++)
                to[i] = (uint8_t)(hex_digit(word[2 * i]) << 4 | hex_digit(word[2 * i + 1]));
        *ret_size = length / 2;
        return 0;
}

int edit_guid(struct edit *edit, const char *word, uint8_t to[16])
{
        static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        uint8_t guid[16];
        unsigned at = 0;

        for (unsigned i = 0; i < 16; i++, at += 2) {
                if (word[at] == '-')
                        at++;
                if (hex_digit(word[at]) < 0 || hex_digit(word[at + 1]) < 0)
                        return edit_fail(edit, -EINVAL, "%s: \"%s\" is no GUID", edit->word[0], word);
                guid[order[i]] = (uint8_t)(hex_digit(word[at]) << 4 | hex_digit(word[at + 1]));
        }
        if (word[at])
                return edit_fail(edit, -EINVAL, "%s: \"%s\" is no GUID", edit->word[0], word);
        memcpy(to, guid, 16);
        return 0;
}

bool edit_has_option(const struct edit *edit, const char *option)
{
        return strcmp(edit->word[edit->words - 1], option) == 0;
}

int edit_field(struct edit *edit, const struct edit_field *fields, size_t count, unsigned word,
               const struct edit_field **ret_field, uint8_t value[16])
{
        uint64_t number = 0;
        size_t i = 0;
        int status;

        while (i < count && strcmp(fields[i].name, edit->word[word]) != 0)
                i++;
        if (i == count)
                return edit_fail(edit, -EINVAL, "%s: there is no field \"%s\"", edit->word[0], edit->word[word]);
        *ret_field = &fields[i];
        if (fields[i].width == 16)
                return edit_guid(edit, edit->word[word + 1], value);
        status = edit_number(edit, edit->word[word + 1], &number);
        for (unsigned at = 0; at < 8; at++)
                value[at] = (uint8_t)(number >> 8 * at);
        return status;
}

static int op_flip(struct edit *edit)
{
        uint64_t at;
        uint8_t byte = 0;
        int status = edit_number(edit, edit->word[1], &at);

        if (status == 0)
                status = edit_read(edit, at, &byte, 1);
        byte ^= 1;
        return status < 0 ? status : edit_write(edit, at, &byte, 1);
}

static int op_write(struct edit *edit)
{
        uint8_t bytes[EDIT_HEX_MAX];
        uint64_t at;
        size_t size;
        int status = edit_number(edit, edit->word[1], &at);

        if (status == 0)
                status = edit_hex(edit, edit->word[2], bytes, &size);
        return status < 0 ? status : edit_write(edit, at, bytes, size);
}

static int op_zero(struct edit *edit)
{
        static const uint8_t zero[4096];
        uint64_t at, length;
        int status = edit_number(edit, edit->word[1], &at);

        if (status == 0)
                status = edit_number(edit, edit->word[2], &length);
        while (status == 0 && length > 0) {
                size_t size = length < sizeof(zero) ? (size_t)length : sizeof(zero);

                status = edit_write(edit, at, zero, size);
                at += size;
                length -= size;
        }
        return status;
}

static int op_grow(struct edit *edit)
{
        uint64_t more;
        int status = edit_number(edit, edit->word[1], &more);

        if (status == 0 && ftruncate(edit->fd, (off_t)(edit->file.image.size + more)) < 0)
                status = edit_fail(edit, -errno, "grow: %s", strerror(errno));
        return status;
}

static int op_mbr_record(struct edit *edit)
{
        uint64_t value[4];
        uint8_t record[16] = {0};

        for (unsigned i = 0; i < 4; i++)
                if (edit_number(edit, edit->word[i + 1], &value[i]) < 0)
                        return -EINVAL;
        if (value[0] < 1 || value[0] > 4)
                return edit_fail(edit, -EINVAL, "mbr-record: there are records 1 to 4, not %s", edit->word[1]);
        record[4] = (uint8_t)value[1];
        for (unsigned i = 0; i < 4; i++) {
                record[8 + i] = (uint8_t)(value[2] >> 8 * i);
                record[12 + i] = (uint8_t)(value[3] >> 8 * i);
        }
        return edit_write(edit, 446 + 16 * (value[0] - 1), record, sizeof(record));
}

struct operation {
        const char *name;
        unsigned least, most; /* words behind the name */
        int (*apply)(struct edit *edit);
};

static const struct operation operations[] = {
        {"flip", 1, 1, op_flip},
        {"write", 2, 2, op_write},
        {"zero", 2, 2, op_zero},
        {"grow", 1, 1, op_grow},
        {"mbr-record", 4, 4, op_mbr_record},
        {"gpt", 3, 4, edit_gpt},
        {"gpt-entry", 3, 4, edit_gpt_entry},
        {"gpt-add", 4, 4, edit_gpt_add},
        {"gpt-blocks", 1, 1, edit_gpt_blocks},
        {"fat", 2, 3, edit_fat},
        {"fsinfo", 2, 2, edit_fsinfo},
        {"fat-entry", 3, 3, edit_fat_entry},
        {"file-remove", 1, 1, edit_file_remove},
        {"file-rename", 2, 2, edit_file_rename},
        {"file-write", 3, 3, edit_file_write},
        {"file-put", 2, 2, edit_file_put},
        {"file-grow", 2, 2, edit_file_grow},
        {"directory-put", 1, 1, edit_directory_put},
        {"file-entry", 3, 3, edit_file_entry},
        {"file-pe", 3, 3, edit_file_pe},
        {"format-fat16", 0, 0, edit_format_fat16},
        {"into-container", 1, 3, edit_into_container},
};

static int words_apply(struct edit *edit)
{
        size_t i = 0, count = sizeof(operations) / sizeof(operations[0]);

        while (i < count && strcmp(operations[i].name, edit->word[0]) != 0)
                i++;
        if (i == count)
                return edit_fail(edit, -EINVAL, "there is no operation \"%s\"", edit->word[0]);
        if (edit->words - 1 < operations[i].least || edit->words - 1 > operations[i].most)
                return edit_fail(edit, -EINVAL, "%s takes %u to %u words, not %u", edit->word[0], operations[i].least,
                                 operations[i].most, edit->words - 1);
        return operations[i].apply(edit);
}

int edit_apply(int fd, const char *line, char *error, size_t error_size)
{
        struct edit edit = {.fd = fd, .error = error, .error_size = error_size};
        char *copy = strdup(line), *save = NULL, *word;
        int status;

        if (!copy)
                return edit_fail(&edit, -ENOMEM, "no memory");
        for (word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
                if (edit.words < EDIT_WORDS)
                        edit.word[edit.words] = word;
                edit.words++;
        }
        status = image_file_wrap(&edit.file, fd, "the disk", IMAGE_BLOCK_SIZE, error, error_size);
        if (status == 0 && (edit.words == 0 || edit.words > EDIT_WORDS))
                status = edit_fail(&edit, -EINVAL, "an edit has 1 to 8 words, not %u", edit.words);
        if (status == 0)
                status = words_apply(&edit);
        free(copy);
        return status;
}

const struct clones *edit_beside(void)
{
        static struct clone clone[2] = {
                {.name = NULL},
                {.name = "the disk beside it",
                 .disk = {0x5c, 0xd1, 0x5c, 0xd1, 0, 0, 0, 0x40, 0x80, 0, 0, 0, 0, 0, 0, 1},
                 .partitions = 1,
                 .partition = {{0x5c, 0xd1, 0x5c, 0xd1, 0, 0, 0, 0x40, 0x80, 0, 0, 0, 0, 0, 0, 2}}},
        };
        static const struct clones clones = {.count = 2, .clone = clone, .own = 0};

        return &clones;
}
