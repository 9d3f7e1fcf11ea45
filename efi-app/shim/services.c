/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot services, reset and console answer as a broken firmware would:
 *
 *   timer-deaf       SetTimer is SUCCESS, and no event comes
 *   timer-late       an event comes 1000 times later than asked
 *   reset-powers-off ResetSystem(EfiResetCold) turns the machine off
 *   conout-none      the system table has no ConOut      conin-none   nor ConIn
 *   conout-swallows  output is SUCCESS, and nothing comes out
 *   conout-alters    '~' comes out as '-'
 *   conout-drops     every 64th character is lost
 *   watchdog-off     nothing is reset, however long the application waits
 *   watchdog-stays   SetWatchdogTimer(0) is SUCCESS, and the watchdog goes on
 *   conin-deaf       no key is ever delivered            conin-alters keys are delivered as capitals
 */
#include "shim.h"

#include <string.h>

enum { LINE = 512, LATE = 1000, DROP_EACH = 64 };

static EFI_SET_TIMER set_timer;
static EFI_SET_WATCHDOG_TIMER set_watchdog_timer;
static EFI_RESET_SYSTEM reset_system;
static EFI_TEXT_OUTPUT_STRING output_string;
static EFI_INPUT_READ_KEY read_key;
static bool conout_drops;

static EFI_STATUS EFIAPI deaf_timer(EFI_EVENT event, EFI_TIMER_DELAY type, UINT64 time)
{
        (void)event;
        (void)type;
        (void)time;
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI late_timer(EFI_EVENT event, EFI_TIMER_DELAY type, UINT64 time)
{
        return set_timer(event, type, time * LATE);
}

static EFI_STATUS EFIAPI staying_watchdog(UINTN seconds, UINT64 code, UINTN size, CHAR16 *data)
{
        return seconds ? set_watchdog_timer(seconds, code, size, data) : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI powering_off(EFI_RESET_TYPE type, EFI_STATUS status, UINTN size, CHAR16 *data)
{
        return reset_system(type == EfiResetCold ? EfiResetShutdown : type, status, size, data);
}

static EFI_STATUS EFIAPI swallowing(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *text)
{
        (void)out;
        (void)text;
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI altering(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *text)
{
        static unsigned count;
        CHAR16 line[LINE];
        size_t length = 0;

        for (size_t i = 0; text[i] && length + 1 < LINE; i++)
                if (!conout_drops || text[i] < 0x20 || ++count % DROP_EACH)
                        line[length++] = text[i] == '~' && !conout_drops ? '-' : text[i];
        line[length] = 0;
        return output_string(out, line);
}

static EFI_STATUS EFIAPI deaf_key(SIMPLE_INPUT_INTERFACE *in, EFI_INPUT_KEY *key)
{
        (void)in;
        (void)key;
        return EFI_NOT_READY;
}

static EFI_STATUS EFIAPI capital_key(SIMPLE_INPUT_INTERFACE *in, EFI_INPUT_KEY *key)
{
        EFI_STATUS status = read_key(in, key);

        if (status == EFI_SUCCESS && key->UnicodeChar >= 'a' && key->UnicodeChar <= 'z')
                key->UnicodeChar = (CHAR16)(key->UnicodeChar - 32);
        return status;
}

static void console_seed(struct shim *shim, const char *word)
{
        if (strcmp(word, "conout-none") == 0) {
                shim->st->ConOut = NULL;
        } else if (strcmp(word, "conin-none") == 0) {
                shim->st->ConIn = NULL;
        } else if (strcmp(word, "conin-deaf") == 0 || strcmp(word, "conin-alters") == 0) {
                read_key = shim->st->ConIn->ReadKeyStroke;
                shim->st->ConIn->ReadKeyStroke = strcmp(word, "conin-deaf") == 0 ? deaf_key : capital_key;
        } else {
                output_string = shim->st->ConOut->OutputString;
                conout_drops = strcmp(word, "conout-drops") == 0;
                shim->st->ConOut->OutputString = strcmp(word, "conout-swallows") == 0 ? swallowing : altering;
        }
        table_sign(&shim->st->Hdr);
}

EFI_STATUS service_defect(struct shim *shim, struct words *words)
{
        static const char *const console[] = {"conout-none",  "conin-none", "conout-swallows", "conout-alters",
                                              "conout-drops", "conin-deaf", "conin-alters"};
        struct word word = word_next(words);

        for (size_t i = 0; i < sizeof(console) / sizeof(console[0]); i++)
                if (strcmp(console[i], word.text) == 0) {
                        console_seed(shim, word.text);
                        return EFI_SUCCESS;
                }
        if (strcmp(word.text, "reset-powers-off") == 0) {
                reset_system = shim->rt->ResetSystem;
                shim->rt->ResetSystem = powering_off;
                table_sign(&shim->rt->Hdr);
                return EFI_SUCCESS;
        }
        if (strcmp(word.text, "watchdog-off") == 0)
                return shim->bs->SetWatchdogTimer(0, 0, 0, NULL);
        if (strcmp(word.text, "watchdog-stays") == 0) {
                set_watchdog_timer = shim->bs->SetWatchdogTimer;
                shim->bs->SetWatchdogTimer = staying_watchdog;
                table_sign(&shim->bs->Hdr);
                return EFI_SUCCESS;
        }
        if (strcmp(word.text, "timer-deaf") != 0 && strcmp(word.text, "timer-late") != 0)
                return EFI_INVALID_PARAMETER;
        set_timer = shim->bs->SetTimer;
        shim->bs->SetTimer = strcmp(word.text, "timer-deaf") == 0 ? deaf_timer : late_timer;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}
