// Refused by every_reset_and_branch_acts: both branches turn by the same weight.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
input float[64] left;
qubit[2] q;
bit[1] c;
ry(x) q[0];
c[0] = measure q[0];
if (c[0] == 1) {
  ry(left) q[1];
} else {
  ry(left) q[1];
}
