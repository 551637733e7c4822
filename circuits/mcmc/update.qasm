// VQC 3, update: the input enters the cell wire, and the outcome f of the forget block chooses how all wires turn.
// f comes in on a wire of its own, measured first; in the composed cell that is the bit which the forget block wrote.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] update0_work_z;
input float[64] update0_work_y;
input float[64] update0_work_z2;
input float[64] update0_hidden_z;
input float[64] update0_hidden_y;
input float[64] update0_cell_z;
input float[64] update0_cell_y;
input float[64] update0_cell_z2;
input float[64] update1_work_z;
input float[64] update1_work_y;
input float[64] update1_work_z2;
input float[64] update1_hidden_z;
input float[64] update1_hidden_y;
input float[64] update1_hidden_z2;
input float[64] update1_cell_z;
input float[64] update1_cell_y;

qubit[1] work;
qubit[1] hidden;
qubit[1] cell;
qubit[1] f_in;
bit[1] f;

f[0] = measure f_in[0];
ry(scale * arcsin(0.9 * x) + offset) work[0];
cx work[0], cell[0];
cx cell[0], hidden[0];
if (f[0] == 0) {
  rz(update0_work_z) work[0];
  ry(update0_work_y) work[0];
  rz(update0_work_z2) work[0];
  rz(update0_hidden_z) hidden[0];
  ry(update0_hidden_y) hidden[0];
  rz(update0_cell_z) cell[0];
  ry(update0_cell_y) cell[0];
  rz(update0_cell_z2) cell[0];
} else {
  rz(update1_work_z) work[0];
  ry(update1_work_y) work[0];
  rz(update1_work_z2) work[0];
  rz(update1_hidden_z) hidden[0];
  ry(update1_hidden_y) hidden[0];
  rz(update1_hidden_z2) hidden[0];
  rz(update1_cell_z) cell[0];
  ry(update1_cell_y) cell[0];
}
