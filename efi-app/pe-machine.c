/* SPDX-License-Identifier: BSD-2-Clause */
/* Rewrites the machine of a PE image from ARMNT (0x1c4), which is all that lld writes, to Thumb (0x1c2), which UEFI
 * asks. */
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
        FILE *file = argc == 2 ? fopen(argv[1], "r+b") : NULL;
        uint8_t head[4];
        long at;

        if (!file || fseek(file, 0x3c, SEEK_SET) || fread(head, 1, 4, file) != 4) {
                fprintf(stderr, "pe-machine: %s: cannot be read as a PE image\n", argc == 2 ? argv[1] : "(no file)");
                return 1;
        }
        at = head[0] | head[1] << 8 | head[2] << 16;
        if (fseek(file, at + 4, SEEK_SET) || fread(head, 1, 2, file) != 2 || head[0] != 0xc4 || head[1] != 0x01) {
                fprintf(stderr, "pe-machine: %s: machine is not 0x1c4\n", argv[1]);
                return 1;
        }
        head[0] = 0xc2;
        if (fseek(file, at + 4, SEEK_SET) || fwrite(head, 1, 2, file) != 2 || fclose(file)) {
                fprintf(stderr, "pe-machine: %s: cannot be written\n", argv[1]);
                return 1;
        }
        return 0;
}
