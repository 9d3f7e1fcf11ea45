/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of the boot device see each defect that is seeded into a sound machine. */
#include "test_defects.h"

static void esp_guid_missing(void)
{
        disk_change("esp_guid_on_handle", "0x0");
}

static void disk_unrecorded(void)
{
        text_put(&machine, EVIDENCE_DISK, "");
}

static void device_is_mbr(void)
{
        disk_change("partition_format", "0x1");
}

static void signature_is_mbr(void)
{
        disk_change("partition_signature_type", "0x1");
}

static void device_without_node(void)
{
        disk_change("partition_format", NULL);
}

static void start_differs(void)
{
        disk_change("partition_start", "0x801");
}

static void size_differs(void)
{
        disk_change("partition_size", "0x13fff");
}

static void signature_differs(void)
{
        disk_change("partition_signature", "9be1f7a4-6f55-4f7c-8f0b-764d53504543");
}

static void told_start_differs(void)
{
        line_change(&machine, EVIDENCE_TOLD, "esp_start", "0x1000");
}

static void type_is_basic_data(void)
{
        disk_change("entry_type", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7");
}

static void path_missing(void)
{
        disk_change("file_path", "");
}

static void path_of_other_state(void)
{
        disk_change("file_path", "\\EFI\\BOOT\\BOOTARM.EFI");
}

static void path_without_first_separator(void)
{
        disk_change("file_path", "efi\\boot\\bootaa64.efi");
}

static void path_behind_another(void)
{
        disk_change("file_path", "\\OLD\\EFI\\BOOT\\BOOTAA64");
}

static void code_is_data(void)
{
        disk_change("image_code_type", "0x2");
}

static void options_given(void)
{
        disk_change("load_options_size", "0x10");
}

static const struct defect defects[] = {
        FAILS(judge_esp_handle_carries_type_guid, esp_guid_missing),
        GIVES(judge_esp_handle_carries_type_guid, disk_unrecorded, FACT_ERROR),
        FAILS(judge_boot_device_is_esp, device_is_mbr),
        FAILS(judge_boot_device_is_esp, signature_is_mbr),
        FAILS(judge_boot_device_is_esp, device_without_node),
        FAILS(judge_boot_device_is_esp, start_differs),
        FAILS(judge_boot_device_is_esp, size_differs),
        FAILS(judge_boot_device_is_esp, signature_differs),
        FAILS(judge_boot_device_is_esp, told_start_differs),
        FAILS(judge_boot_device_is_esp, type_is_basic_data),
        FAILS(judge_loaded_image_tells_its_origin, path_missing),
        FAILS(judge_loaded_image_tells_its_origin, path_of_other_state),
        FAILS(judge_loaded_image_tells_its_origin, path_behind_another),
        GIVES(judge_loaded_image_tells_its_origin, path_without_first_separator, FACT_PASSED),
        FAILS(judge_loaded_image_tells_its_origin, code_is_data),
        FAILS(judge_loaded_image_tells_its_origin, options_given),
};

int main(void)
{
        return defects_run(defects, sizeof(defects) / sizeof(defects[0]));
}
