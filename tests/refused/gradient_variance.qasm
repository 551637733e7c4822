// Refused by gradient_variance: every angle is a thousandth of its weight, as if it were given in another unit,
// so no gradient can be told from zero with 4096 shots.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input float[64] phi;
qubit[2] q;
ry(0.001 * theta) q[0];
rx(0.001 * phi) q[1];
cx q[0], q[1];
