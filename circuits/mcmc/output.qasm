// VQC 4, output: hidden and cell wire meet on the work wire, which comes from the update as it is; measured into o.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] output_work_z;
input float[64] output_work_y;
input float[64] output_hidden_z;
input float[64] output_hidden_y;
input float[64] output_hidden_z2;
input float[64] output_cell_y;
input float[64] output_cell_z;

qubit[1] work;
qubit[1] hidden;
qubit[1] cell;
bit[1] o;

ry(scale * arcsin(0.9 * x) + offset) work[0];
cx hidden[0], work[0];
cx cell[0], work[0];
rz(output_work_z) work[0];
ry(output_work_y) work[0];
rz(output_hidden_z) hidden[0];
ry(output_hidden_y) hidden[0];
rz(output_hidden_z2) hidden[0];
ry(output_cell_y) cell[0];
rz(output_cell_z) cell[0];
o[0] = measure work[0];
reset work[0];
