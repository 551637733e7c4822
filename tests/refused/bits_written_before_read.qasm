// Refused by bits_written_before_read: the second outcome is measured into the bit of the first, which is lost.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
qubit[3] q;
bit[2] c;
ry(x) q[0];
cx q[0], q[1];
ry(x) q[1];
c[0] = measure q[0];
c[0] = measure q[1];
if (c[0] == 1) {
  x q[2];
}
