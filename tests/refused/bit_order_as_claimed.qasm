// Refused by bit_order_as_claimed: the author counts c[0] as the more significant bit, so 1 is "c[0] = 0, c[1] = 1".
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x0;
input float[64] x1;
qubit[3] q;
bit[2] c;
ry(x0) q[0];
ry(x1) q[1];
c[0] = measure q[0];
c[1] = measure q[1];
if (c == 1) {
  x q[2];
}
