// The update block with its measurement deferred: no branch, one fresh wire instead, which takes the value of f_in.
// Gates of both cases are controlled by f_in itself, which nothing turns.
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
qubit[1] outcome;
bit[1] f;

cx f_in[0], outcome[0];
ry(scale * arcsin(0.9 * x) + offset) work[0];
cx work[0], cell[0];
cx cell[0], hidden[0];
negctrl @ rz(update0_work_z) f_in[0], work[0];
negctrl @ ry(update0_work_y) f_in[0], work[0];
negctrl @ rz(update0_work_z2) f_in[0], work[0];
negctrl @ rz(update0_hidden_z) f_in[0], hidden[0];
negctrl @ ry(update0_hidden_y) f_in[0], hidden[0];
negctrl @ rz(update0_cell_z) f_in[0], cell[0];
negctrl @ ry(update0_cell_y) f_in[0], cell[0];
negctrl @ rz(update0_cell_z2) f_in[0], cell[0];
ctrl @ rz(update1_work_z) f_in[0], work[0];
ctrl @ ry(update1_work_y) f_in[0], work[0];
ctrl @ rz(update1_work_z2) f_in[0], work[0];
ctrl @ rz(update1_hidden_z) f_in[0], hidden[0];
ctrl @ ry(update1_hidden_y) f_in[0], hidden[0];
ctrl @ rz(update1_hidden_z2) f_in[0], hidden[0];
ctrl @ rz(update1_cell_z) f_in[0], cell[0];
ctrl @ ry(update1_cell_y) f_in[0], cell[0];
f[0] = measure outcome[0];
