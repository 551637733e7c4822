// Refused by every_condition_can_go_both_ways: nothing is measured into c[1], so c is never 2.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
qubit[2] q;
bit[2] c;
ry(x) q[0];
c[0] = measure q[0];
if (c == 2) {
  x q[1];
}
