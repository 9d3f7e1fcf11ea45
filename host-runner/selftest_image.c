/* SPDX-License-Identifier: BSD-2-Clause */
/* An image defect is seeded into a private copy of the suite's disk, and judged as any image is. */
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "image_file.h"
#include "selftest_private.h"
#include "suite_disk.h"

enum { PATH = 4096 };

void image_verdicts_take(struct image_verdicts *ret, const struct subject *subject)
{
        for (size_t i = 0; i < subject->rows; i++) {
                const struct row *row = &subject->row[i];

                ret->verdict[row->id] = row->verdict;
                memcpy(ret->reason[row->id], row->reason, sizeof(row->reason));
        }
}

static int disk_verdicts(const char *path, struct image_verdicts *ret, char *error, size_t error_size)
{
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        bool selected[CASE_COUNT];
        int result;

        memset(selected, true, sizeof(selected));
        result = image_judge_among(&ledger, path, IMAGE_BLOCK_SIZE, edit_beside(), selected, error, error_size);
        if (!result)
                image_verdicts_take(ret, &ledger.subject[0]);
        ledger_free(&ledger);
        return result;
}

void image_verdicts_compare(const struct defect *defect, const bool *judged, const struct image_verdicts *good,
                            const struct image_verdicts *bad, struct selftest_result *result)
{
        enum case_id id = defect->case_id;

        result->verdict = bad->verdict[id];
        if (good->verdict[id] != VERDICT_PASS) {
                result_set(result, SELFTEST_FALSE_ALARM, "the good disk: ", good->reason[id]);
                return;
        }
        if (bad->verdict[id] != defect->expect) {
                result_set(result, SELFTEST_MISSED, verdict_name(bad->verdict[id]), "");
                return;
        }
        result_set(result, SELFTEST_CAUGHT, "", bad->reason[id]);
        for (unsigned other = 0; other < CASE_COUNT; other++)
                if (judged[other] && other != id && !defect->knock_on[other] &&
                    bad->verdict[other] != good->verdict[other])
                        result_set(result, SELFTEST_SPREAD, cases[other].name, " moved too");
}

static void image_try(const struct defect *defect, const char *disk, const struct image_verdicts *good,
                      struct selftest_result *result)
{
        static struct image_verdicts bad;
        bool judged[CASE_COUNT];
        char path[40], error[300] = "";
        int fd = private_copy(disk), failed = fd < 0 ? fd : 0;

        for (size_t i = 0; i < defect->edit.count && !failed; i++)
                failed = edit_apply(fd, defect->edit.text[i], error, sizeof(error));
        for (unsigned id = 0; id < CASE_COUNT; id++)
                judged[id] = cases[id].stage == STAGE_STATIC;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (!failed)
                failed = disk_verdicts(path, &bad, error, sizeof(error));
        if (failed)
                result_set(result, SELFTEST_FAULT, "", *error ? error : strerror(-failed));
        else
                image_verdicts_compare(defect, judged, good, &bad, result);
        if (fd >= 0)
                close(fd);
}

int images_try(struct selftest *selftest, char *error, size_t error_size)
{
        static struct image_verdicts good;
        char disk[PATH];
        bool judged = false;
        int result = 0;

        snprintf(disk, sizeof(disk), "%s/suite.img", selftest->data);
        for (size_t i = 0; i < selftest->defects->count && !result; i++) {
                if (!selftest->chosen[i] || selftest->defects->defect[i].by != DEFECT_IMAGE)
                        continue;
                if (!judged)
                        result = disk_verdicts(disk, &good, error, error_size);
                judged = true;
                if (!result)
                        image_try(&selftest->defects->defect[i], disk, &good, &selftest->result[i]);
        }
        return result;
}
