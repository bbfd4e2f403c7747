"""What tools/isa reads out of compilers' output, on short samples of it; no compiler is needed.

usage: test_listings.py SOURCE_FOLDER
"""

import os
import struct
import sys
import unittest

SOURCE = sys.argv.pop(1)
sys.path.insert(0, os.path.join(SOURCE, "tools", "isa"))
sys.dont_write_bytecode = True

import amd  # noqa: E402
import densities  # noqa: E402
import intel  # noqa: E402
import intel_binary  # noqa: E402
import nvidia  # noqa: E402
import programs  # noqa: E402
from commands import CompileError  # noqa: E402
from listing import Instruction, Listing  # noqa: E402
from measured import Measured  # noqa: E402
from survey import Result  # noqa: E402
from targets import named  # noqa: E402

AMD = """
conv:                                   ; @conv
; %bb.0:
        s_load_dwordx2 s[0:1], s[4:5], 0x0
        v_fma_f32 v1, v2, v3, v1
.LBB0_1:                                ; =>This Loop Header: Depth=1
        v_mov_b32_e32 v2, 0
.LBB0_2:                                ;   Parent Loop BB0_1 Depth=1
        global_load_dwordx4 v[4:7], v[2:3], off
        s_waitcnt vmcnt(0)
        v_fmac_f32_e32 v8, s6, v4
        v_pk_fma_f32 v[10:11], v[4:5], v[6:7], v[10:11]
        v_add_co_u32 v2, vcc_lo, v2, 16
        s_cbranch_scc0 .LBB0_2
; %bb.3:
        s_cbranch_vccnz .LBB0_1
        s_endpgm
.Lfunc_end0:
        .size        conv, .Lfunc_end0-conv
; NumSgprs: 18
; NumVgprs: 12
; ScratchSize: 40
; LDSByteSize: 256 bytes/workgroup (compile time only)
; Occupancy: 9
other:
.Lfunc_end1:
; NumSgprs: 99
; NumVgprs: 99
; ScratchSize: 0
; LDSByteSize: 0 bytes/workgroup (compile time only)
; Occupancy: 1
---
amdhsa.kernels:
  - .args:
      - .name:           other
    .name:           conv
    .sgpr_spill_count: 5
    .vgpr_spill_count: 10
    .wavefront_size: 32
  - .args: []
    .name:           other
    .sgpr_spill_count: 0
    .vgpr_spill_count: 0
    .wavefront_size: 64
"""

INTEL = """//.kernel conv
//.spill size 192
//.spill GRF est. ref count 58

_main:
(W)     mov (8|M0)               r75.0<1>:ud   r0.0<1;1,0>:ud                                        // $1
_0_080:
        mad (16|M0)              r4.0<1>:f     r4.0<1;1>:f       r20.0<1;1>:f      r30.0<0>:f       // $2
        mad (16|M0)              r6.0<1>:f     r6.0<1;1>:f       r20.0<1;1>:f      r30.1<0>:f       // $3
        mad (16|M0)              r8.0<1>:d     r8.0<1;1>:d       r20.0<1;1>:d      r30.1<0>:d       // $4
        send.dc1 (16|M0)         r40     r50     null    0x0         0x02201000           {$0} // wr:2+0, rd:2
        sync.nop                             null                             {Compacted,$1.src}     // $13
(W)     add (1|M0)               r7.4<1>:d     r7.1<0;1,0>:d     4:w                                 // $12
(~f0.0) break (16|M0)            _0_081 _0_081                                                       // $5
        while (16|M0)                         _0_080                                                  // $122
_0_081:
(W)     send.ts (8|M0)           null     r127    null    0x10000000            0x02000010           {EOT} // wr:1+0
"""

NVIDIA = """
        .section        .text.other,"ax",@progbits
.text.other:
.L_x_9:
        /*0000*/                   FFMA R1, R2, R3, R1 ;
        /*0010*/                   BRA `(.L_x_9) ;
        .section        .text.conv,"ax",@progbits
.text.conv:
        /*0000*/                   MOV R1, c[0x0][0x28] ;
.L_x_1:
        /*0010*/                   LDG.E.128 R4, [R2.64] ;
        /*0020*/                   FFMA R8, R4, R5, R8 ;
        /*0030*/                   FFMA R9, R4, R6, R9 ;
        /*0040*/              @!P0 BRA `(.L_x_1) ;
        /*0050*/                   EXIT ;
"""

PTXAS = """ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'conv' for 'sm_90'
ptxas info    : Function properties for conv
    64 bytes stack frame, 48 bytes spill stores, 32 bytes spill loads
ptxas info    : Used 166 registers, used 1 barriers, 64 bytes stack frame, 2048 bytes smem, 400 bytes cmem[0]
"""


def listing_of(text):
    """One instruction a letter: m multiplies and adds, any other does not; `name:` a label, `<name` a jump there."""
    listing = Listing()
    for word in text.split():
        if word.endswith(":"):
            listing.label(word[:-1])
        elif word.startswith("<"):
            listing.add(Instruction("jump", "", 1, 0, (word[1:],)))
        else:
            listing.add(Instruction(word, "", 1, int(word == "m")))
    return listing


class HotLoop(unittest.TestCase):
    def expect(self, text, work, slots):
        loop = listing_of(text).hot_loop()
        self.assertEqual((loop.work, loop.slots), (work, slots))

    def test_is_the_inner_one(self):
        self.expect("a: o o b: m m m <b o <a", 3, 4)

    def test_is_the_denser_of_two(self):
        self.expect("a: m m o o <a b: m m m o <b", 3, 5)

    def test_is_not_a_dense_one_with_little_work(self):
        self.expect("a: m <a b: m m m m m o o o o o o o o o o o <b", 5, 17)

    def test_needs_no_more_than_a_quarter_of_the_work(self):
        self.expect("a: m <a b: m m m m o o o o o o o o o o o <b", 1, 2)

    def test_is_none_without_a_backward_jump_or_without_work(self):
        self.assertIsNone(listing_of("m m <a a: m").hot_loop())
        self.assertIsNone(listing_of("a: o o <a m").hot_loop())


class Amd(unittest.TestCase):
    def test_reads_the_kernel_that_is_meant(self):
        measured = amd.measure(AMD, "conv")
        self.assertEqual((measured.registers, measured.scalar_registers, measured.waves), (12, 18, 9))
        self.assertEqual((measured.spilled, measured.scalars_spilled, measured.scratch), (40, 20, 40))
        self.assertEqual((measured.local_memory, measured.wave_size), (256, 32))

    def test_counts_packed_multiply_adds_twice_and_vector_instructions_apart(self):
        measured = amd.measure(AMD, "conv")
        self.assertEqual((measured.work, measured.slots, measured.vector), (3, 6, 3))
        self.assertEqual(measured.density, 0.5)
        self.assertEqual(measured.vector_density, 1)

    def test_misses_what_is_not_there(self):
        with self.assertRaises(CompileError):
            amd.measure(AMD, "con")


class Intel(unittest.TestCase):
    def test_slots_are_of_eight_lanes(self):
        measured = intel.measure(INTEL)
        self.assertEqual(measured.work, 4)  # the third is of integers
        self.assertEqual(measured.slots, 2 + 2 + 2 + 1 + 1 + 1 + 2 + 2)
        self.assertEqual((measured.registers, measured.spilled), (76, 192))
        self.assertEqual(measured.others["send.dc1"], 1)

    def test_memory_is_in_the_binary(self):
        binary = binary_of({"other": [(18, 0, 9999)], "conv": [(18, 0, 16384), (15, 0, 512), (38, 0, 0, 0, 128)]})
        self.assertEqual(intel_binary.memory_of(binary, "conv"), (16512, 512))
        self.assertEqual(intel_binary.memory_of(binary_of({"conv": []}), "conv"), (0, 0))
        with self.assertRaises(CompileError):
            intel_binary.memory_of(binary, "con")
        with self.assertRaises(CompileError):
            intel_binary.memory_of(b"\x7fELF" + binary, "conv")


def binary_of(kernels):
    """A binary with these kernels, each with its tokens: (token, number...)."""
    parts = [struct.pack("<7I", 0x494E5443, 1081, 0, 8, len(kernels), 0, 0)]
    for name, tokens in kernels.items():
        text = name.encode() + b"\0"
        text += b"\0" * (-len(text) % 4)
        listed = b"".join(struct.pack(f"<{len(one) + 1}I", one[0], 4 + 4 * len(one), *one[1:]) for one in tokens)
        parts.append(struct.pack("<IQ7I", 1, 2, len(text), len(listed), 64, 0, 32, 0, 60) + text + b"\xff" * 96 + listed)
    return b"".join(parts)


class Nvidia(unittest.TestCase):
    def test_reads_the_kernel_that_is_meant(self):
        loop = nvidia.parse(NVIDIA, "conv").hot_loop()
        self.assertEqual((loop.work, loop.slots, loop.others()), (2, 4, {"LDG.128": 1, "BRA": 1}))
        with self.assertRaises(CompileError):
            nvidia.parse(NVIDIA, "con")

    def test_reads_what_ptxas_says(self):
        measured = nvidia.measure(PTXAS, "conv")
        self.assertEqual((measured.registers, measured.spilled, measured.scratch), (166, 48, 64))
        self.assertEqual(measured.local_memory, 2048)
        with self.assertRaises(CompileError):
            nvidia.measure(PTXAS, "other")

    def test_warps_are_limited_by_registers_groups_and_memory(self):
        self.assertEqual(nvidia.waves("sm_90", 32, 0, None), 64)
        self.assertEqual(nvidia.waves("sm_90", 166, 0, None), 12)
        self.assertEqual(nvidia.waves("sm_75", 32, 0, None), 32)
        self.assertEqual(nvidia.waves("sm_75", 32, 0, 32), 16)  # groups of one warp, of which an SM holds 16
        self.assertEqual(nvidia.waves("sm_90", 32, 100 << 10, 64), 4)


def program(kernel="conv_lane", plan="plan", share=0.5, body="", targets=("skl",), **defines):
    source = "".join(f"#define {name} {value}\n" for name, value in defines.items()) + body
    return programs.Program("path.cl", kernel, "-O", source, None, 0, set(targets), {plan: share})


class Programs(unittest.TestCase):
    def test_are_merged_where_they_are_the_same(self):
        merged = programs.merge([program(plan="a", K=3, share=0.1), program(plan="b", K=3, share=0.3, targets=["dg2"]),
                                 program(plan="b", K=4, share=0.2)])
        self.assertEqual([(one.defines["K"], one.share) for one in merged], [("3", 0.3), ("4", 0.2)])
        self.assertEqual(merged[0].targets, {"skl", "dg2"})

    def test_are_named_by_their_preamble_alone(self):
        one = program(K=3, S=1, body="// a comment\n#define INSIDE 1\n")
        self.assertEqual(one.name, "conv_lane K=3 S=1")

    def test_are_told_apart_by_what_differs(self):
        some = [program(K=3, S=1), program(K=4, S=1), program(K=4, S=1, WT=1), program(kernel="adam", B=4)]
        names = programs.short_names(some)
        self.assertEqual([names[one.identity] for one in some],
                         ["conv_lane K=3", "conv_lane K=4", "conv_lane K=4 WT=1", "adam"])


class Expectations(unittest.TestCase):
    """One program of a plan, on gfx1030, against what is expected of it."""

    def complaints(self, measured=None, error=None, expected=(("conv_lane K=3", [0.8, 0.98]),), target="gfx1030",
                   compiler=None):
        (target,) = named([target])
        result = Result(program(K=3), target, measured, error)
        densities.read = lambda: {"compilers": {target.name: compiler} if compiler else {},
                                  "densities": {name: {target.name: figures} for name, figures in expected}}
        target.family.compiler = lambda: "this compiler"
        return densities.complaints([result])

    def good(self, **changes):
        return Measured(**{"work": 80, "slots": 100, "vector": 81, "spilled": 0, "scratch": 0, **changes})

    def test_are_met(self):
        self.assertEqual(self.complaints(self.good()), ([], []))
        self.assertEqual(self.complaints(self.good(slots=105)), ([], []))

    def test_are_missed_by_either_density(self):
        self.assertEqual(len(self.complaints(self.good(slots=106))[0]), 1)
        self.assertEqual(len(self.complaints(self.good(vector=87))[0]), 1)

    def test_are_missed_by_spills_and_scratch_memory_and_errors(self):
        self.assertEqual(len(self.complaints(self.good(spilled=4))[0]), 1)
        self.assertEqual(len(self.complaints(self.good(scratch=4))[0]), 1)
        self.assertIn("does not compile: why", self.complaints(error="why", expected=())[0][0])

    def test_dg2_may_spill(self):
        measured = self.good(spilled=192, scratch=1024, vector=None)
        self.assertEqual(self.complaints(measured, target="dg2", expected=(("conv_lane K=3", [0.8]),)), ([], []))

    def test_want_the_same_programs(self):
        self.assertIn("not in densities.json", self.complaints(self.good(), expected=())[0][0])
        both = (("conv_lane K=3", [0.8, 0.98]), ("conv_lane K=4", [0.8, 0.98]))
        self.assertIn("conv_lane K=4 is in densities.json, but", self.complaints(self.good(), expected=both)[0][0])

    def test_want_a_loop_where_there_was_one(self):
        wrong, _ = self.complaints(self.good(work=None, slots=None, vector=None))
        self.assertEqual(len(wrong), 1)
        self.assertIn("has no loop of multiply-adds", wrong[0])

    def test_complain_once_of_what_does_not_compile(self):
        self.assertEqual(len(self.complaints(error="why")[0]), 1)

    def test_are_of_one_compiler(self):
        wrong, untold = self.complaints(self.good(slots=1000), compiler="another")
        self.assertEqual((wrong, len(untold)), ([], 1))
        self.assertEqual(len(self.complaints(self.good(slots=1000), compiler="this compiler")[0]), 1)

    def test_are_not_compared_where_loops_are_not_known(self):
        wrong, untold = self.complaints(Measured(registers=3, note="Without it, nothing"))
        self.assertEqual((wrong, len(untold)), ([], 1))


if __name__ == "__main__":
    unittest.main()
