/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk in a container gets the verdicts of the raw disk; a container that is none of that is refused in one sentence.
 */
#include "test_disk.h"

#include <errno.h>

static const char *const formats[] = {"qcow2", "vmdk", "vdi", "vhdx"};
static char disk[300], box[300];

static const char *begin(void)
{
        const char *folder = test_folder("test_image_container");

        snprintf(disk, sizeof(disk), "%s/disk.img", folder);
        snprintf(box, sizeof(box), "%s/box", folder);
        test_disk_good(folder, disk);
        return folder;
}

static void same_verdicts_as_raw(void **state)
{
        enum verdict raw[CASE_COUNT] = {0}, boxed[CASE_COUNT] = {0};

        (void)state;
        (void)begin();
        for (unsigned bad = 0; bad < 2; bad++) {
                test_judge(disk, 512, raw, NULL);
                for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
                        test_run_ok("qemu-img convert -f raw -O %s %s %s", formats[i], disk, box);
                        test_judge(box, 512, boxed, NULL);
                        assert_memory_equal(raw, boxed, sizeof(raw));
                        if (!bad)
                                test_judge_good(box, 512);
                        unlink(box);
                }
                test_run_ok("sgdisk -t 1:8300 %s", disk);
        }
        unlink(disk);
}

static void refused(const char *word)
{
        struct ledger ledger = {0};
        bool selected[CASE_COUNT] = {false};
        char error[300] = "";
        int got = image_judge(&ledger, box, 512, selected, error, sizeof(error));

        if (got != -EMEDIUMTYPE || !strstr(error, word) || !strstr(error, box) || strchr(error, '\n'))
                fail_msg("wanted \"%s\", got %d: %s", word, got, error);
        assert_int_equal(ledger.subjects, 0);
}

static void box_write(const void *bytes, size_t size, off_t at)
{
        int fd = open(box, O_RDWR | O_CLOEXEC);

        assert_int_equal(pwrite(fd, bytes, size, at), size);
        close(fd);
}

static void what_needs_another_file_is_refused(void **state)
{
        (void)state;
        (void)begin();
        test_run_ok("qemu-img create -f qcow2 -b %s -F raw %s", disk, box);
        refused("backing file");
        test_run_ok("qemu-img create -f qcow2 -o data_file=%s.data %s 1M", box, box);
        refused("external data file");
        test_run_ok("rm %s.data", box);
        test_run_ok("qemu-img create -f vmdk %s.parent 64M", box);
        test_run_ok("qemu-img create -f vmdk -b %s.parent -F vmdk %s", box, box);
        refused("parent file");
        test_run_ok("rm %s.parent", box);
        unlink(box);
        unlink(disk);
}

/* QEMU presents some of what is cut off as zeros; then that is what is judged. */
static void not_passed(void)
{
        struct ledger ledger = {0};
        bool selected[CASE_COUNT];
        char error[300] = "";

        memset(selected, true, sizeof(selected));
        if (image_judge(&ledger, box, 512, selected, error, sizeof(error)) < 0)
                assert_non_null(strstr(error, "cannot be presented"));
        for (size_t i = 0; ledger.subjects && i < ledger.subject[0].rows; i++)
                if (ledger.subject[0].row[i].id != CASE_container_presents_its_disk) /* zeros are a disk as well */
                        assert_int_not_equal(ledger.subject[0].row[i].verdict, VERDICT_PASS);
        ledger_free(&ledger);
}

static void hostile_containers_are_refused(void **state)
{
        uint8_t ff[8];

        (void)state;
        (void)begin();
        memset(ff, 0xff, sizeof(ff));
        for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
                test_run_ok("qemu-img convert -f raw -O %s %s %s", formats[i], disk, box);
                assert_int_equal(truncate(box, 600), 0);
                not_passed();
                unlink(box);
        }
        test_run_ok("qemu-img convert -f raw -O qcow2 %s %s", disk, box);
        box_write(ff, 8, 24); /* the virtual size */
        refused("cannot be presented");
        test_run_ok("qemu-img convert -f raw -O qcow2 %s %s", disk, box);
        box_write(ff, 4, 36); /* entries of the L1 table */
        refused("cannot be presented");
        setenv("PATH", "/nowhere", 1);
        refused("qemu-nbd cannot be started");
        unlink(box);
        unlink(disk);
}

/* A table in no cluster is seen only when it is read: the reads are errors, and no failures of the image. */
static void broken_tables_are_errors(void **state)
{
        enum verdict verdict[CASE_COUNT];
        uint8_t away[8] = {0x80, 0, 0, 0, 0, 1, 2, 0} /* in the middle of a cluster */, l1[8];
        int fd;

        (void)state;
        (void)begin();
        test_run_ok("qemu-img convert -f raw -O qcow2 %s %s", disk, box);
        fd = open(box, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pread(fd, l1, 8, 40), 8);
        close(fd);
        box_write(away, 8, l1[5] << 16 | l1[6] << 8 | l1[7]);
        test_judge(box, 512, verdict, NULL);
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (cases[id].stage == STAGE_STATIC && judge_halves[id])
                        assert_int_equal(verdict[id], VERDICT_ERROR);
        unlink(box);
        unlink(disk);
}

/* A header whose size is no whole number of blocks, so that what is presented is another disk than what it declares. */
static void an_odd_size_is_seen(void **state)
{
        static const uint8_t odd = 0xff;
        enum verdict verdict[CASE_COUNT];

        (void)state;
        (void)begin();
        test_run_ok("qemu-img convert -f raw -O qcow2 %s %s", disk, box);
        box_write(&odd, 1, 24 + 7); /* the last byte of the virtual size, which was 0 */
        test_judge(box, 512, verdict, NULL);
        assert_int_equal(verdict[CASE_container_presents_its_disk], VERDICT_FAIL);
        unlink(box);
        unlink(disk);
}

/* What is judged is the disk in the container: were it the file, or a container in it, the mark would be there. */
static void a_container_in_a_container_is_seen(void **state)
{
        enum verdict verdict[CASE_COUNT];

        (void)state;
        (void)begin();
        test_run_ok("qemu-img convert -f raw -O qcow2 %s %s.inner", disk, box);
        test_run_ok("qemu-img convert -f raw -O qcow2 %s.inner %s", box, box);
        test_judge(box, 512, verdict, NULL);
        assert_int_equal(verdict[CASE_container_presents_its_disk], VERDICT_FAIL);
        test_run_ok("rm %s.inner", box);
        unlink(box);
        unlink(disk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(same_verdicts_as_raw),
                cmocka_unit_test(an_odd_size_is_seen),
                cmocka_unit_test(a_container_in_a_container_is_seen),
                cmocka_unit_test(what_needs_another_file_is_refused),
                cmocka_unit_test(broken_tables_are_errors),
                cmocka_unit_test(hostile_containers_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
