/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: a contract that scripts rely on. */
int main(void)
{
        return 2;
}
