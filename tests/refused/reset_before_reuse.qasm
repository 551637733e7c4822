// Refused by reset_before_reuse: wire 0 takes the second input on top of the first outcome.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x0;
input float[64] x1;
qubit[2] q;  // work, hidden
bit[2] c;
ry(x0) q[0];
cx q[1], q[0];
c[0] = measure q[0];
ry(x1) q[0];
cx q[1], q[0];
c[1] = measure q[0];
if (c == 3) {
  x q[1];
}
