// The forget block with its measurement deferred: no reset and no branch, three fresh wires instead.
// Wire 3 takes the outcome, wire 4 the old work wire, wire 5 the cell that is forgotten where the outcome is 0.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;
input float[64] scale;
input float[64] offset;
input float[64] work_z;
input float[64] work_y;
input float[64] hidden_z;
input float[64] hidden_y;

qubit[6] q;  // work, hidden, cell; outcome, old work, old cell
bit[1] f;

ry(offset + scale * arcsin(0.9 * x)) q[0];
cx q[1], q[0];
rz(work_z) q[0];
ry(work_y) q[0];
rz(hidden_z) q[1];
ry(hidden_y) q[1];

cx q[0], q[3];
swap q[0], q[4];
negctrl @ swap q[3], q[2], q[5];

f[0] = measure q[3];
