// Forget block of the cell with mid-circuit measurement and control.
// The work wire carries the input, is entangled with the hidden wire and measured; outcome 0 means "forget":
// the cell wire is reset. The work wire leaves the block in |0>, ready for the next block.
OPENQASM 3.0;
include "stdgates.inc";

// feature: what is fed in, scaled to [-1, 1]
input float[64] x;
// weights: encoding, work wire, hidden wire
input float[64] scale;
input float[64] offset;
input float[64] work_z;
input float[64] work_y;
input float[64] hidden_z;
input float[64] hidden_y;

qubit[3] q;  // work, hidden, cell
bit[1] f;

ry(scale * arcsin(0.9 * x) + offset) q[0];
cx q[1], q[0];
rz(work_z) q[0];
ry(work_y) q[0];
rz(hidden_z) q[1];
ry(hidden_y) q[1];

f[0] = measure q[0];
reset q[0];
if (f[0] == 0) {
  reset q[2];
}
