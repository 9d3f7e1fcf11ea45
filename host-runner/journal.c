/* SPDX-License-Identifier: BSD-2-Clause */
/* A line that was cut, changed, lost or doubled is seen as such when the journal is read. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32.h"

enum { CRC_TAIL = 18 }; /* ,"crc":"01234567"} */

struct journal {
        int folder;
        int fd;
        unsigned long lines;
        off_t whole; /* bytes of whole lines */
        int failure;
};

static int folder_make(const char *path)
{
        char *copy = strdup(path);
        int result = 0;

        for (char *at = copy ? copy + 1 : NULL; at && !result; at++) {
                char end = *at;

                if (end && end != '/')
                        continue;
                *at = 0;
                if (mkdir(copy, 0777) && errno != EEXIST)
                        result = -errno;
                if (!end)
                        break;
                *at = end;
        }
        free(copy);
        return copy ? result : -ENOMEM;
}

struct journal *journal_create(const char *folder, char *error, size_t error_size)
{
        struct journal *journal = calloc(1, sizeof(*journal));
        int result = journal ? folder_make(folder) : -ENOMEM;

        if (!result) {
                journal->fd = -1;
                journal->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                result = journal->folder < 0 ? -errno : 0;
        }
        if (!result) {
                journal->fd = openat(journal->folder, "journal.jsonl", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                result = journal->fd < 0 ? -errno : 0;
        }
        if (!result && flock(journal->fd, LOCK_EX | LOCK_NB))
                result = -errno;
        if (!result)
                return journal;
        if (result == -EEXIST)
                snprintf(error, error_size, "%s: holds the journal of an earlier run, expected a new folder", folder);
        else
                snprintf(error, error_size, "%s: the output folder cannot be used: %s", folder, strerror(-result));
        if (journal && journal->folder > 0)
                close(journal->folder);
        free(journal);
        return NULL;
}

void journal_close(struct journal *journal)
{
        if (!journal)
                return;
        close(journal->fd);
        close(journal->folder);
        free(journal);
}

static int write_all(int fd, const void *from, size_t size)
{
        const uint8_t *at = from;

        while (size) {
                ssize_t written = write(fd, at, size);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written <= 0)
                        return written ? -errno : -EIO;
                at += written;
                size -= (size_t)written;
        }
        return 0;
}

/* A line that does not fit is taken back: what is there stays whole lines. */
static int line_append(struct journal *journal, const char *line, size_t length)
{
        int result = write_all(journal->fd, line, length);

        if (!result)
                journal->whole += (off_t)length;
        else if (ftruncate(journal->fd, journal->whole))
                return result; /* the reader sees that the line is torn */
        return result;
}

int journal_write(struct journal *journal, json_t *line)
{
        json_t *numbered = line ? json_pack("{s:I}", "n", (json_int_t)journal->lines) : NULL;
        char *text = NULL, *whole = NULL;
        int length = -1;

        if (numbered && json_object_update(numbered, line) == 0)
                text = json_dumps(numbered, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
        json_decref(numbered);
        json_decref(line);
        if (text)
                length = asprintf(&whole, "%.*s,\"crc\":\"%08x\"}\n", (int)strlen(text) - 1, text,
                                  crc32_update(0, text, strlen(text)));
        free(text);
        if (!journal->failure)
                journal->failure = length < 0 ? -ENOMEM : line_append(journal, whole, (size_t)length);
        if (length >= 0)
                free(whole);
        journal->lines++;
        return journal->failure;
}

int journal_append(struct journal *journal, int fd, const void *bytes, size_t size)
{
        int result = fd < 0 ? -EBADF : write_all(fd, bytes, size);

        if (result && !journal->failure)
                journal->failure = result;
        return result;
}

int journal_open_file(struct journal *journal, const char *path)
{
        char *copy = strdup(path);
        int fd;

        for (char *slash = copy ? strchr(copy, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
                *slash = 0;
                if (mkdirat(journal->folder, copy, 0777) && errno != EEXIST && !journal->failure)
                        journal->failure = -errno;
                *slash = '/';
        }
        fd = copy ? openat(journal->folder, copy, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
        if (fd < 0 && !journal->failure)
                journal->failure = copy ? -errno : -ENOMEM;
        free(copy);
        return fd < 0 ? journal->failure : fd;
}

int journal_write_file(struct journal *journal, const char *path, struct bytes bytes, uint32_t *ret_crc)
{
        int fd = journal_open_file(journal, path);
        int result = fd < 0 ? fd : journal_append(journal, fd, bytes.data, bytes.size);

        if (fd >= 0)
                close(fd);
        *ret_crc = crc32_update(0, bytes.data, bytes.size);
        return result;
}

int journal_failure(const struct journal *journal)
{
        return journal->failure;
}

/* Reading --------------------------------------------------------------------------------------------------------- */

/* The line as JSON where its CRC and its number are right, else NULL. */
static json_t *line_parse(char *line, size_t length, unsigned long number)
{
        json_t *json = NULL;
        uint32_t crc;
        char *tail;

        if (length < CRC_TAIL + 2)
                return NULL;
        tail = line + length - CRC_TAIL;
        if (memcmp(tail, ",\"crc\":\"", 8) != 0)
                return NULL;
        crc = crc32_update(0, line, length - CRC_TAIL);
        crc = crc32_update(crc, "}", 1);
        if (strtoul(tail + 8, NULL, 16) != crc)
                return NULL;
        json = json_loadb(line, length, 0, NULL);
        if (json && json_integer_value(json_object_get(json, "n")) == (json_int_t)number)
                return json;
        json_decref(json);
        return NULL;
}

int journal_read(const char *folder, journal_line_function *function, void *context, char *error, size_t error_size)
{
        char *path = NULL, *line = NULL;
        bool ended = false;
        size_t room = 0;
        unsigned long number = 0;
        FILE *file = asprintf(&path, "%s/journal.jsonl", folder) < 0 ? NULL : fopen(path, "re");
        ssize_t length = 0;
        int result = 0;

        if (!file) {
                result = errno ? -errno : -ENOMEM;
                snprintf(error, error_size, "%s: no journal of a run can be read here: %s", folder, strerror(-result));
                free(path);
                return result;
        }
        while (!result && (length = getline(&line, &room, file)) > 0) {
                size_t whole = (size_t)length - (line[length - 1] == '\n');
                json_t *json = !ended && line[length - 1] == '\n' ? line_parse(line, whole, number) : NULL;
                const char *event = json_string_value(json_object_get(json, "event"));

                if (!event) {
                        snprintf(error, error_size, "%s:%lu: the line is torn: expected line %lu of the run, intact",
                                 path, number + 1, number);
                        result = -EBADMSG;
                } else {
                        result = function(context, json);
                        if (result)
                                snprintf(error, error_size, "%s:%lu: found an event that does not fit the run", path,
                                         number + 1);
                        ended = strcmp(event, "end") == 0;
                }
                json_decref(json);
                number++;
        }
        if (!result && !ended) {
                snprintf(error, error_size, "%s:%lu: the journal ends here, expected the event \"end\"", path,
                         number + 1);
                result = -EBADMSG;
        }
        free(line);
        fclose(file);
        free(path);
        return result;
}

/* Going on --------------------------------------------------------------------------------------------------------- */

struct intact {
        unsigned long lines;
        bool ended;
};

static int line_count(void *context, const json_t *line)
{
        struct intact *intact = context;
        const char *event = json_string_value(json_object_get(line, "event"));

        intact->lines++;
        intact->ended |= event && strcmp(event, "end") == 0;
        return 0;
}

/* Where the so-manieth line ends; negative where there are not so many. */
static off_t lines_end(int fd, unsigned long lines)
{
        char bytes[65536];
        off_t at = 0;
        ssize_t got;

        while (lines && (got = pread(fd, bytes, sizeof(bytes), at)) > 0) {
                for (ssize_t i = 0; i < got && lines; i++, at++)
                        lines -= bytes[i] == '\n';
        }
        return lines ? -1 : at;
}

struct journal *journal_resume(const char *folder, char *error, size_t error_size)
{
        struct journal *journal = calloc(1, sizeof(*journal));
        struct intact intact = {0};
        int result = journal ? journal_read(folder, line_count, &intact, error, error_size) : -ENOMEM;

        if (result == -EBADMSG)
                result = 0;
        if (!result && intact.ended)
                snprintf(error, error_size, "%s: the run came to its end: there is nothing to resume", folder);
        if (result || intact.ended) {
                free(journal);
                return NULL;
        }
        journal->lines = intact.lines;
        journal->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        journal->fd = openat(journal->folder, "journal.jsonl", O_RDWR | O_APPEND | O_CLOEXEC);
        if (journal->fd >= 0 && flock(journal->fd, LOCK_EX | LOCK_NB) == 0) {
                journal->whole = lines_end(journal->fd, intact.lines);
                if (journal->whole >= 0 && ftruncate(journal->fd, journal->whole) == 0)
                        return journal;
        }
        snprintf(error, error_size, "%s: the journal cannot be continued: %s", folder,
                 errno == EWOULDBLOCK ? "another runner writes it" : strerror(errno));
        if (journal->fd >= 0)
                close(journal->fd);
        if (journal->folder >= 0)
                close(journal->folder);
        free(journal);
        return NULL;
}

static int read_all(int fd, uint8_t *to, size_t size)
{
        while (size) {
                ssize_t got = read(fd, to, size);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0)
                        return got ? -errno : -EIO;
                to += got;
                size -= (size_t)got;
        }
        return 0;
}

int journal_read_file(const char *folder, const char *path, size_t most, const uint32_t *crc, struct bytes *ret)
{
        char *whole = NULL;
        uint8_t *data = NULL;
        struct stat status;
        int result = 0, fd;

        if (strstr(path, "..") || *path == '/')
                return -EINVAL;
        fd = asprintf(&whole, "%s/%s", folder, path) < 0 ? -1 : open(whole, O_RDONLY | O_CLOEXEC);
        free(whole);
        if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode))
                result = -ENOENT;
        else if ((uint64_t)status.st_size > most)
                result = -EFBIG;
        if (!result) {
                data = malloc((size_t)status.st_size + 1);
                result = data ? read_all(fd, data, (size_t)status.st_size) : -ENOMEM;
        }
        if (fd >= 0)
                close(fd);
        if (!result && crc && crc32_update(0, data, (size_t)status.st_size) != *crc)
                result = -EBADMSG;
        if (result) {
                free(data);
                return result;
        }
        *ret = (struct bytes){data, (size_t)status.st_size};
        return 0;
}

const char *journal_text(const json_t *line, const char *key)
{
        const char *text = json_string_value(json_object_get(line, key));

        return text ? text : "";
}

json_int_t journal_number(const json_t *line, const char *key)
{
        const json_t *value = json_object_get(line, key);

        return json_is_integer(value) ? json_integer_value(value) : -1;
}
