// VQC 2, input: the input meets the hidden wire again, and the work wire is measured into i.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] input_work_z;
input float[64] input_work_y;
input float[64] input_hidden_y;
input float[64] input_hidden_z;

qubit[1] work;
qubit[1] hidden;
bit[1] i;

ry(scale * arcsin(0.9 * x) + offset) work[0];
cx hidden[0], work[0];
rz(input_work_z) work[0];
ry(input_work_y) work[0];
ry(input_hidden_y) hidden[0];
rz(input_hidden_z) hidden[0];
i[0] = measure work[0];
reset work[0];
