// Refused by every_measurement_tells: wire 1 is measured before the CX reaches it, and so always gives 0.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
qubit[3] q;  // data, check, target
bit[2] c;
ry(x) q[0];
c[0] = measure q[1];
cx q[0], q[1];
c[1] = measure q[1];
if (c[1] == 1) {
  x q[2];
}
