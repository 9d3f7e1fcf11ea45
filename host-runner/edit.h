/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line changes one thing about a GPT disk with an ESP, and repairs the checksums that the change is not about.
 *
 * Numbers are decimal or 0x..., with K or M behind; or a place with an optional +N or -N: end (the disk's size in
 * bytes), last (its last LBA), esp (the ESP's first byte), esp-first and esp-last (its LBAs). A \PATH is on the ESP.
 *
 *   flip OFFSET                              the lowest bit of that byte is inverted
 *   write OFFSET HEX      zero OFFSET LENGTH grow BYTES
 *   gpt primary|backup|both FIELD VALUE [keep-crc]
 *                                            signature, revision, header-size, crc, reserved, my-lba,
 *                                            alternate-lba, first-usable, last-usable, disk-guid, entry-lba,
 *                                            entry-count, entry-size, array-crc
 *   gpt-entry N FIELD VALUE [keep-crc]       type, unique (GUIDs), first, last, attributes; in both arrays
 *   gpt-add N TYPE FIRST LAST                a new entry in both arrays
 *   gpt-blocks 4096                          the GPT is made anew for blocks of that size
 *   mbr-record N TYPE START SIZE             record 1 to 4 of LBA 0
 *   fat FIELD VALUE [primary]                sector-size, cluster-sectors, reserved, fats, root-entries, total16,
 *                                            media, fat-size16, total32, fat-size32, flags, version, root-cluster,
 *                                            info, backup, state, signature; in the boot sector and its backup
 *   fsinfo FIELD VALUE                       lead, struct, free, next
 *   fat-entry 1|2|both CLUSTER VALUE         either may be a \PATH (its first cluster); VALUE also free, bad, end
 *   file-remove \PATH
 *   file-rename \PATH NAME                   (8.3)
 *   file-write \PATH OFFSET HEX
 *   file-put \PATH HEX                       new, at most one cluster
 *   file-grow \PATH SIZE                     from one cluster
 *   directory-put \NAME                      new, in the root
 *   file-entry \PATH FIELD VALUE             name-byte, attributes, start, size
 *   file-pe \PATH FIELD VALUE                machine, magic, subsystem, characteristics, entry, image-size,
 *                                            section-alignment, win32-version
 *   format-fat16                             the ESP becomes FAT16 with the files of \EFI\BOOT
 *   into-container FORMAT...                 an image of that format of qemu-img's, and one of the next format around
 *                                            it; the last edit
 */
#pragma once

#include <stddef.h>

/* Applies one line to the disk open for writing at fd. 0; or negative errno and one sentence. */
int edit_apply(int fd, const char *line, char *error, size_t error_size);

/*
 * The disk beside which a seeded one is judged: its GUID is d15cd15c-0000-4000-8000-000000000001, and that of its only
 * partition d15cd15c-0000-4000-8000-000000000002.
 */
struct clones;
const struct clones *edit_beside(void);
