# SPDX-License-Identifier: BSD-2-Clause
# The host side: one library of everything but main.c, the program, and the cmocka tests.
find_package(PkgConfig REQUIRED)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
find_path(inih_include ini.h REQUIRED)
find_library(inih_library inih REQUIRED)
find_library(fdt_library fdt REQUIRED)
pkg_check_modules(ext2fs REQUIRED IMPORTED_TARGET ext2fs)
find_package(ZLIB REQUIRED)

file(GLOB runner_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} host-runner/*.c reports/*.c)
list(FILTER runner_sources EXCLUDE REGEX "/test_|host-runner/(main|bench|vm_run|chaos|fuzz.*|mutate.*)\\.c$")

set(host_flags ${warnings} -D_GNU_SOURCE)
if(VMSPEC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_compile_definitions(VMSPEC_SANITIZED)
  add_link_options(-fsanitize=address,undefined)
endif()

list(APPEND host_sources_all ${shared_sources} cases/levels.c ${judge_sources} ${host_sources} ${library_sources} ${image_sources}
     ${runner_sources})
list(REMOVE_DUPLICATES host_sources_all)
add_library(vmspec_host STATIC ${host_sources_all})
target_compile_options(vmspec_host PRIVATE ${host_flags})
target_compile_definitions(vmspec_host PUBLIC VMSPEC_HOST=1 VMSPEC_VERSION="${PROJECT_VERSION}")
target_include_directories(vmspec_host PUBLIC ${CMAKE_SOURCE_DIR}/cases ${CMAKE_SOURCE_DIR}/host-runner
                           ${CMAKE_SOURCE_DIR}/reports ${CMAKE_SOURCE_DIR}/cases/hwdesc ${CMAKE_SOURCE_DIR}/cases/image
                           ${CMAKE_SOURCE_DIR}/cases/guest_os ${CMAKE_SOURCE_DIR}/cases/blob ${inih_include})
target_link_libraries(vmspec_host PUBLIC PkgConfig::jansson ${inih_library} ${fdt_library} PkgConfig::ext2fs ZLIB::ZLIB)
set_property(SOURCE cases/catalogue.c TARGET_DIRECTORY vmspec_host APPEND PROPERTY COMPILE_DEFINITIONS
             CATALOGUE_HASH=0x${catalogue_hash}ULL)

add_executable(vmspec host-runner/main.c)
target_compile_options(vmspec PRIVATE ${host_flags})
target_link_libraries(vmspec PRIVATE vmspec_host)
set_target_properties(vmspec PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# What makes domains, where the runner is in Xen's control domain: the same program that is in the lab's.
file(GLOB agent_sources CONFIGURE_DEPENDS host-runner/xen-agent/*.c)
add_executable(xen-agent ${agent_sources} host-runner/xen_frame.c cases/crc32.c)
target_compile_options(xen-agent PRIVATE ${host_flags})
target_include_directories(xen-agent PRIVATE ${CMAKE_SOURCE_DIR}/cases ${CMAKE_SOURCE_DIR}/host-runner)
set_target_properties(xen-agent PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_executable(vmspec-bench host-runner/bench.c)
target_compile_options(vmspec-bench PRIVATE ${host_flags})
target_link_libraries(vmspec-bench PRIVATE vmspec_host)
set_target_properties(vmspec-bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# What the suite's own faults do to its verdicts.
add_executable(vmspec-chaos host-runner/chaos.c)
target_compile_options(vmspec-chaos PRIVATE ${host_flags})
target_link_libraries(vmspec-chaos PRIVATE vmspec_host)
set_target_properties(vmspec-chaos PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
# The fuzz targets: clang alone has libFuzzer. They are made in the second build, see fixtures/second-build.sh.
file(GLOB fuzz_targets CONFIGURE_DEPENDS host-runner/fuzz_*.c)
if(VMSPEC_FUZZ)
  target_compile_options(vmspec_host PRIVATE -fsanitize=fuzzer-no-link)
  # Loops over constant tables, and over every byte: nothing in them leads the fuzzer anywhere, and it would count each turn.
  set_source_files_properties(cases/levels.c cases/crc32.c cases/catalogue.c reports/summary.c
                              PROPERTIES COMPILE_OPTIONS -fno-sanitize=fuzzer-no-link)
  foreach(source IN LISTS fuzz_targets)
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source} host-runner/fuzz.c)
    target_compile_options(${name} PRIVATE ${host_flags} -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${name} PRIVATE vmspec_host)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    list(APPEND fuzz_programs ${name})
  endforeach()
  add_custom_target(fuzz DEPENDS ${fuzz_programs})
endif()
# Every field of recorded bytes, changed: which of them does no judge notice?
add_executable(vmspec-mutate host-runner/mutate.c host-runner/mutate_subject.c host-runner/mutate_acpi.c
                             host-runner/mutate_tables.c host-runner/mutate_fdt.c host-runner/mutate_disk.c)
target_compile_options(vmspec-mutate PRIVATE ${host_flags})
target_link_libraries(vmspec-mutate PRIVATE vmspec_host)
set_target_properties(vmspec-mutate PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# The firmware modules that a machine of the fixtures passes through to its guest: files named @VMSPEC_MODULES@ there.
set(VMSPEC_MODULES ${CMAKE_BINARY_DIR}/modules)
add_executable(modules fixtures/tables/modules.c)
target_compile_options(modules PRIVATE ${host_flags})
target_link_libraries(modules PRIVATE vmspec_host)
set_target_properties(modules PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_custom_command(TARGET modules POST_BUILD COMMAND ${CMAKE_COMMAND} -E make_directory ${VMSPEC_MODULES}
                   COMMAND modules ${VMSPEC_MODULES} VERBATIM)

# What ./dev firmware and ./dev xen-lab have made.
set(cache_home $ENV{XDG_CACHE_HOME})
if(NOT cache_home)
  set(cache_home $ENV{HOME}/.cache)
endif()
set(VMSPEC_FIRMWARE ${cache_home}/vmspec/firmware)

# What the program reads at run time stands beside it in the build tree; a machine whose firmware is to be built, where it was.
foreach(folder machines defects baselines)
  file(GLOB data_files CONFIGURE_DEPENDS fixtures/${folder}/*.ini)
  foreach(file IN LISTS data_files)
    get_filename_component(name ${file} NAME)
    file(STRINGS ${file} with_modules REGEX "@VMSPEC_MODULES@")
    file(STRINGS ${file} with_firmware REGEX "@VMSPEC_FIRMWARE@" LIMIT_COUNT 1)
    string(REGEX REPLACE "^.*@VMSPEC_FIRMWARE@" "${VMSPEC_FIRMWARE}" firmware "${with_firmware}")
    if(with_firmware AND NOT EXISTS ${firmware})
      message(STATUS "${name} is left out: ./dev firmware builds what it needs")
      file(REMOVE ${CMAKE_BINARY_DIR}/${folder}/${name})
      list(APPEND machines_left_out ${file})
    elseif(with_modules OR with_firmware)
      configure_file(${file} ${CMAKE_BINARY_DIR}/${folder}/${name} @ONLY)
    else() # a node of a device tree is written with @, too
      configure_file(${file} ${CMAKE_BINARY_DIR}/${folder}/${name} COPYONLY)
    endif()
  endforeach()
endforeach()

enable_testing()
file(GLOB test_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} cases/test_*.c cases/*/test_*.c
     host-runner/test_*.c reports/test_*.c)
foreach(source IN LISTS test_sources)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_compile_options(${name} PRIVATE ${host_flags})
  target_compile_definitions(${name} PRIVATE TEST_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TEST_BUILD_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE vmspec_host PkgConfig::cmocka)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 240)
endforeach()
add_dependencies(test_xen_agent vmspec)
add_dependencies(vmspec xen-agent)
add_dependencies(test_xen_config vmspec)
# These start real VMs.
foreach(name test_bad_journal test_bad_machine test_bad_run test_judging)
  add_dependencies(${name} vmspec)
  set_tests_properties(${name} PROPERTIES LABELS vm TIMEOUT 180)
endforeach()
add_dependencies(test_image_boot vmspec)
set_tests_properties(test_image_boot PROPERTIES LABELS vm TIMEOUT 400 RUN_SERIAL ON)

# Real boots: each stock machine, with the cases that it is there for, ends as its baseline says.
add_executable(vm_run host-runner/vm_run.c)
target_compile_options(vm_run PRIVATE ${host_flags})
target_compile_definitions(vm_run PRIVATE TEST_BUILD_DIR="${CMAKE_BINARY_DIR}")
target_link_libraries(vm_run PRIVATE vmspec_host)
set_target_properties(vm_run PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
file(GLOB stock_machines CONFIGURE_DEPENDS fixtures/machines/*.ini)
if(machines_left_out)
  list(REMOVE_ITEM stock_machines ${machines_left_out})
endif()
foreach(file IN LISTS stock_machines)
  get_filename_component(machine ${file} NAME_WE)
  if(machine MATCHES "^xen-")
    if(EXISTS ${CMAKE_SOURCE_DIR}/fixtures/baselines/${machine}.ini)
      list(APPEND xen_machines ${machine})
    endif()
    continue()
  endif()
  add_test(NAME run-${machine} COMMAND vm_run ${machine})
  set_tests_properties(run-${machine} PROPERTIES LABELS vm TIMEOUT 600 RUN_SERIAL ON)
endforeach()

# The host side once more, with clang, ASan and UBSan: its unit tests, a run of a machine, and hostile bytes into every parser,
# the same in each run (`./dev fuzz` goes on for longer, and at random).
set(second_build ${CMAKE_SOURCE_DIR}/fixtures/second-build.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
add_test(NAME second-build COMMAND ${second_build})
add_test(NAME sanitized-units COMMAND ${second_build} units)
add_test(NAME sanitized-run COMMAND ${second_build} run)
set(fuzz ${CMAKE_SOURCE_DIR}/fixtures/fuzz.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
add_test(NAME fuzz-seeds COMMAND ${fuzz} seed)
foreach(source IN LISTS fuzz_targets)
  get_filename_component(name ${source} NAME_WE)
  add_test(NAME ${name} COMMAND ${fuzz} short ${name})
  list(APPEND fuzz_tests ${name})
endforeach()
set_tests_properties(second-build PROPERTIES LABELS build TIMEOUT 900 FIXTURES_SETUP second RUN_SERIAL ON)
set_tests_properties(sanitized-units sanitized-run fuzz-seeds
                     PROPERTIES LABELS build TIMEOUT 600 FIXTURES_REQUIRED second)
add_test(NAME efi-reproducible COMMAND ${CMAKE_SOURCE_DIR}/fixtures/efi-reproducible.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
set_tests_properties(efi-reproducible PROPERTIES LABELS build TIMEOUT 600)
set_tests_properties(fuzz-seeds PROPERTIES FIXTURES_SETUP seeds)
set_tests_properties(${fuzz_tests} PROPERTIES LABELS fuzz TIMEOUT 300 FIXTURES_REQUIRED "second;seeds")
set_tests_properties(sanitized-units sanitized-run PROPERTIES RUN_SERIAL ON) # they have two jobs of their own

# The test guest, where `./dev` has fetched what it is made of.
set(guest_packages ${CMAKE_SOURCE_DIR}/build/deps/guest)
if(EXISTS ${guest_packages}/whole)
  set(guest_disk ${CMAKE_BINARY_DIR}/guest.img)
  set(guest_recipe ${CMAKE_SOURCE_DIR}/fixtures/disks/guest-linux.sh)
  add_custom_command(OUTPUT ${guest_disk} COMMAND ${guest_recipe} ${guest_disk} ${guest_packages}
                     DEPENDS ${guest_recipe} ${CMAKE_SOURCE_DIR}/fixtures/disks/guest-init.sh ${guest_packages}/whole VERBATIM)
  add_custom_target(guest-disk ALL DEPENDS ${guest_disk})
endif()

# Every seeded defect is caught, and its control passes.
add_test(NAME selftest COMMAND vmspec selftest)
set_tests_properties(selftest PROPERTIES LABELS vm TIMEOUT 1500 RUN_SERIAL ON)

# Xen, where ./dev xen-lab has made the lab: it takes minutes, so no other test waits for it.
set(xen_labs_whole ON)
foreach(machine IN LISTS xen_machines)
  string(REGEX REPLACE "^xen-(arm64|x86_64).*" "\\1" lab ${machine})
  string(REPLACE x86_64 amd64 lab ${lab})
  if(EXISTS ${cache_home}/vmspec/xen-lab-${lab}/key)
    add_test(NAME run-${machine} COMMAND vm_run ${machine})
    set_tests_properties(run-${machine} PROPERTIES LABELS xen TIMEOUT 1500 RUN_SERIAL ON)
  else()
    set(xen_labs_whole OFF)
    message(STATUS "no test boots ${machine}: ./dev xen-lab makes the lab that it needs")
  endif()
endforeach()
if(EXISTS ${cache_home}/vmspec/xen-lab-arm64/key)
  add_dependencies(test_xen_lab vmspec)
  set_tests_properties(test_xen_lab PROPERTIES LABELS xen TIMEOUT 600 RUN_SERIAL ON)
else()
  set_tests_properties(test_xen_lab PROPERTIES DISABLED ON)
endif()
if(EXISTS ${cache_home}/vmspec/xen-lab-arm64.packages/unpacked/usr/lib/aarch64-linux-gnu/libjansson.a)
  foreach(machine IN ITEMS xen-arm64 xen-arm64-acpi)
    add_test(NAME xen-dom0-${machine} COMMAND ${CMAKE_SOURCE_DIR}/fixtures/xen-lab/dom0.sh ${CMAKE_SOURCE_DIR}
                                              ${CMAKE_BINARY_DIR} ${machine})
    set_tests_properties(xen-dom0-${machine} PROPERTIES LABELS xen TIMEOUT 2700 RUN_SERIAL ON)
  endforeach()
endif()
if(xen_labs_whole)
  add_test(NAME selftest-xen COMMAND vmspec selftest --defect "xen-*")
  set_tests_properties(selftest-xen PROPERTIES LABELS xen TIMEOUT 1500 RUN_SERIAL ON)
endif()

# Every field of what two machines recorded is changed, and noticed by a judge or excused with a reason.
add_test(NAME repeat COMMAND ${CMAKE_SOURCE_DIR}/fixtures/test_repeat.sh ${CMAKE_SOURCE_DIR}/fixtures/repeat.sh)
set_tests_properties(repeat PROPERTIES LABELS unit TIMEOUT 20)
add_test(NAME mutation COMMAND ${CMAKE_SOURCE_DIR}/fixtures/mutation.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
set_tests_properties(mutation PROPERTIES LABELS vm TIMEOUT 300) # its runs record evidence: their verdicts are not looked at

# Two VMMs killed, and one or two of each other fault; `./dev chaos` makes a hundred.
add_test(NAME chaos COMMAND vmspec-chaos 2)
set_tests_properties(chaos PROPERTIES LABELS vm TIMEOUT 400 RUN_SERIAL ON)

find_program(clang_format clang-format REQUIRED)
add_test(NAME format COMMAND sh -c "git ls-files '*.c' '*.h' | xargs ${clang_format} --dry-run --Werror"
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(format PROPERTIES LABELS build TIMEOUT 120)

# The probe that a PVH loader is given: a blob that is an ELF by its own header, beside the program that starts it.
find_program(elf_lld ld.lld NAMES ld.lld ld.lld-14 ld.lld-15 ld.lld-16 ld.lld-19 REQUIRED)
set(pvh_probe ${CMAKE_BINARY_DIR}/pvh-probe.elf)
set(pvh_objects "")
foreach(name entry.S probe.c xen.c)
  list(APPEND pvh_objects ${CMAKE_BINARY_DIR}/pvh-${name}.o)
  add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/pvh-${name}.o
    COMMAND ${efi_clang} --target=i386-unknown-none-elf -std=c11 -O2 -ffreestanding -fno-pic -fno-stack-protector -mno-sse
            -mno-mmx -msoft-float ${warnings} -c ${CMAKE_SOURCE_DIR}/fixtures/pvh/${name} -o ${CMAKE_BINARY_DIR}/pvh-${name}.o
    DEPENDS ${CMAKE_SOURCE_DIR}/fixtures/pvh/${name} ${CMAKE_SOURCE_DIR}/fixtures/pvh/probe.h
    VERBATIM)
endforeach()
add_custom_command(
  OUTPUT ${pvh_probe}
  COMMAND ${elf_lld} --oformat binary -T ${CMAKE_SOURCE_DIR}/fixtures/pvh/probe.ld -o ${pvh_probe} ${pvh_objects}
  DEPENDS ${pvh_objects} ${CMAKE_SOURCE_DIR}/fixtures/pvh/probe.ld
  VERBATIM)
add_custom_target(pvh-probe ALL DEPENDS ${pvh_probe})
