// VQC 6, output processing: the hidden wire is read through the work wire into y, and the work wire is reset.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] readout_work_z;
input float[64] readout_work_y;
input float[64] readout_hidden_z;
input float[64] readout_hidden_y;

qubit[1] work;
qubit[1] hidden;
bit[1] y;

ry(scale * arcsin(0.9 * x) + offset) work[0];
cx hidden[0], work[0];
rz(readout_work_z) work[0];
ry(readout_work_y) work[0];
rz(readout_hidden_z) hidden[0];
ry(readout_hidden_y) hidden[0];
y[0] = measure work[0];
reset work[0];
