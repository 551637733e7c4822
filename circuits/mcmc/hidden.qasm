// VQC 5, hidden-state processing: the input passes through the hidden wire into the cell wire; nothing is measured.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] hidden_work_z;
input float[64] hidden_work_y;
input float[64] hidden_work_z2;
input float[64] hidden_hidden_z;
input float[64] hidden_hidden_y;
input float[64] hidden_cell_z;
input float[64] hidden_cell_y;
input float[64] hidden_cell_z2;

qubit[1] work;
qubit[1] hidden;
qubit[1] cell;

ry(scale * arcsin(0.9 * x) + offset) work[0];
cx work[0], hidden[0];
cx hidden[0], cell[0];
rz(hidden_work_z) work[0];
ry(hidden_work_y) work[0];
rz(hidden_work_z2) work[0];
rz(hidden_hidden_z) hidden[0];
ry(hidden_hidden_y) hidden[0];
rz(hidden_cell_z) cell[0];
ry(hidden_cell_y) cell[0];
rz(hidden_cell_z2) cell[0];
