// VQC 1, forget: the input meets the hidden wire, and the work wire is measured into f.
// The work wire leaves in |0>, ready for the next block.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] forget_work_z;
input float[64] forget_work_y;
input float[64] forget_hidden_z;
input float[64] forget_hidden_y;

qubit[1] work;
qubit[1] hidden;
bit[1] f;

ry(scale * arcsin(0.9 * x) + offset) work[0];
cx hidden[0], work[0];
rz(forget_work_z) work[0];
ry(forget_work_y) work[0];
rz(forget_hidden_z) hidden[0];
ry(forget_hidden_y) hidden[0];
f[0] = measure work[0];
reset work[0];
