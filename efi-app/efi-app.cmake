# SPDX-License-Identifier: BSD-2-Clause
# The EFI application once per architecture: clang for a COFF target, lld-link, libfdt from source, no C library.
find_program(efi_clang clang REQUIRED)
find_program(efi_lld lld-link NAMES lld-link lld-link-14 lld-link-15 lld-link-16 lld-link-19 REQUIRED)
find_path(gnu_efi_include efi.h PATHS /usr/include/efi REQUIRED NO_DEFAULT_PATH)
find_path(libfdt_source fdt_ro.c PATHS ${CMAKE_SOURCE_DIR}/build/deps/libfdt ${CMAKE_BINARY_DIR}/deps/libfdt
          REQUIRED NO_DEFAULT_PATH)

file(GLOB efi_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} efi-app/*.c)
file(GLOB shim_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} efi-app/shim/*.c)
list(REMOVE_ITEM efi_sources efi-app/pe-machine.c)
set(libfdt_sources fdt.c fdt_ro.c fdt_rw.c fdt_wip.c fdt_strerror.c fdt_addresses.c)

set(efi_flags -std=gnu11 -O2 -ffreestanding -fno-ms-extensions -fno-ms-compatibility -U_MSC_EXTENSIONS -fshort-wchar -mno-stack-arg-probe -fno-stack-protector
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -isystem ${gnu_efi_include} -isystem ${libfdt_source}
    -isystem ${CMAKE_SOURCE_DIR}/efi-app/include -I${CMAKE_SOURCE_DIR}/cases -I${CMAKE_SOURCE_DIR}/cases/hwdesc
    -I${CMAKE_SOURCE_DIR}/efi-app -DCATALOGUE_HASH=0x${catalogue_hash}ULL)

set(efi_flags_aarch64 --target=aarch64-unknown-windows -mgeneral-regs-only -mstrict-align)
set(efi_flags_arm --target=thumbv7-unknown-windows -mcpu=cortex-a15 -mfpu=none -mno-movt -mno-unaligned-access
    -Wno-unused-command-line-argument)
set(efi_flags_x86_64 --target=x86_64-unknown-windows -mno-red-zone -mgeneral-regs-only)

add_executable(pe-machine efi-app/pe-machine.c)
target_compile_options(pe-machine PRIVATE ${warnings})

# The object of a source: libfdt's by its absolute path, ours by its path in the tree.
function(efi_object_paths out architecture)
  set(objects "")
  foreach(source IN LISTS ARGN)
    set(name ${source})
    if(IS_ABSOLUTE ${source})
      get_filename_component(name ${source} NAME)
      string(PREPEND name libfdt/)
    endif()
    list(APPEND objects ${CMAKE_BINARY_DIR}/efi/${architecture}/${name}.obj)
  endforeach()
  set(${out} ${objects} PARENT_SCOPE)
endfunction()

# The rule for each object. A source is named once per architecture, whatever it is linked into.
function(efi_objects architecture)
  foreach(source IN LISTS ARGN)
    efi_object_paths(object ${architecture} ${source})
    if(IS_ABSOLUTE ${source})
      set(path ${source})
      set(lint -w)
    else()
      set(path ${CMAKE_SOURCE_DIR}/${source})
      set(lint ${warnings})
    endif()
    get_filename_component(folder ${object} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${efi_clang} ${efi_flags} ${efi_flags_${architecture}} ${lint} -MMD -MF ${object}.d -MT ${object}
              -c ${path} -o ${object}
      DEPENDS ${path} ${catalogue_files}
      DEPFILE ${object}.d
      VERBATIM)
  endforeach()
endfunction()

function(efi_image image architecture)
  set(finish "")
  if(architecture STREQUAL arm)
    set(finish COMMAND pe-machine ${image})
  endif()
  add_custom_command(
    OUTPUT ${image}
    COMMAND ${efi_lld} -subsystem:efi_application -entry:${efi_entry} -nodefaultlib -Brepro -out:${image} ${ARGN}
    ${finish}
    DEPENDS ${ARGN} pe-machine
    VERBATIM)
endfunction()

set(VMSPEC_APPLICATIONS "" CACHE PATH "another build's folder, whose EFI applications are taken; none: they are made here")

# What the shim shares with the application.
set(shim_shared ${shared_sources} efi-app/disk.c efi-app/hob.c efi-app/string.c)
list(REMOVE_ITEM shim_shared cases/judges.c)
set(libfdt_paths ${libfdt_sources})
list(TRANSFORM libfdt_paths PREPEND ${libfdt_source}/)
set(shim_libfdt_paths fdt_sw.c fdt_empty_tree.c)
list(TRANSFORM shim_libfdt_paths PREPEND ${libfdt_source}/)

set(efi_images "")
set(shim_images "")
foreach(row "aarch64 BOOTAA64.EFI" "arm BOOTARM.EFI" "x86_64 BOOTX64.EFI")
  separate_arguments(row)
  list(GET row 0 architecture)
  list(GET row 1 name)
  if(VMSPEC_APPLICATIONS)
    list(APPEND efi_images ${VMSPEC_APPLICATIONS}/${name})
    list(APPEND shim_images ${VMSPEC_APPLICATIONS}/shim/${name})
    continue()
  endif()
  file(GLOB arch_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} efi-app/${architecture}/*.[cS])
  set(arch_helpers ${arch_sources})
  list(FILTER arch_helpers INCLUDE REGEX "/divide\\.[cS]$")
  set(app ${efi_sources} ${shared_sources} ${guest_judge_sources} ${guest_sources} ${library_sources} ${arch_sources}
      ${libfdt_paths})
  set(shim_own ${shim_sources} efi-app/shim/${architecture}/processor.c ${shim_libfdt_paths})
  efi_objects(${architecture} ${app} ${shim_own})
  efi_object_paths(objects ${architecture} ${app})
  set(efi_entry efi_main)
  if(architecture STREQUAL x86_64)
    set(efi_entry arch_entry) # which keeps what the firmware left in the registers
  endif()
  efi_image(${CMAKE_BINARY_DIR}/${name} ${architecture} ${objects})
  set(efi_entry efi_main)
  list(APPEND efi_images ${CMAKE_BINARY_DIR}/${name})
  efi_object_paths(objects ${architecture} ${shim_own} ${shim_shared} ${arch_helpers} ${libfdt_paths})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/shim)
  efi_image(${CMAKE_BINARY_DIR}/shim/${name} ${architecture} ${objects})
  list(APPEND shim_images ${CMAKE_BINARY_DIR}/shim/${name})
endforeach()
add_custom_target(efi-app ALL DEPENDS ${efi_images})

# The suite's disk: every application on the removable path, beside the program that starts it.
set(suite_disk ${CMAKE_BINARY_DIR}/suite.img)
add_custom_command(
  OUTPUT ${suite_disk}
  COMMAND ${CMAKE_SOURCE_DIR}/fixtures/disks/suite-disk.sh ${suite_disk} ${efi_images}
  DEPENDS ${efi_images} fixtures/disks/suite-disk.sh
  VERBATIM)
# The same for a VM that presents blocks of 4096 bytes: the file system is made for them, the runner counts the GPT anew.
set(suite_disk_4k ${CMAKE_BINARY_DIR}/suite-4k.img)
add_custom_command(
  OUTPUT ${suite_disk_4k}
  COMMAND ${CMAKE_SOURCE_DIR}/fixtures/disks/suite-disk.sh --block-size=4096 ${suite_disk_4k} ${efi_images}
  DEPENDS ${efi_images} fixtures/disks/suite-disk.sh
  VERBATIM)
add_custom_target(suite-disk ALL DEPENDS ${suite_disk} ${suite_disk_4k})

# The disk of the seeded defects: the shims on the removable path, the applications where the shims find them.
set(shim_disk ${CMAKE_BINARY_DIR}/shim.img)
add_custom_command(
  OUTPUT ${shim_disk}
  COMMAND ${CMAKE_SOURCE_DIR}/fixtures/disks/suite-disk.sh ${shim_disk} ${shim_images} --vmspec ${efi_images}
  DEPENDS ${efi_images} ${shim_images} fixtures/disks/suite-disk.sh
  VERBATIM)
add_custom_target(shim-disk ALL DEPENDS ${shim_disk})
