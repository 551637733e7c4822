// The hidden block in another form: its reference, with CZ between Hadamards for CX, and y-rotations
// through x-rotations in another frame.
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
h hidden[0];
cz work[0], hidden[0];
h hidden[0];
h cell[0];
cz hidden[0], cell[0];
h cell[0];
rz(hidden_work_z) work[0];
sdg work[0];
rx(hidden_work_y) work[0];
s work[0];
rz(hidden_work_z2) work[0];
rz(hidden_hidden_z) hidden[0];
sdg hidden[0];
rx(hidden_hidden_y) hidden[0];
s hidden[0];
rz(hidden_cell_z) cell[0];
sdg cell[0];
rx(hidden_cell_y) cell[0];
s cell[0];
rz(hidden_cell_z2) cell[0];
