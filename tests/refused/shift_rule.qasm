// Refused by shift_rule: one weight turns two rotations, so the two-term rule gives a wrong slope.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input float[64] phi;
qubit[2] q;
ry(theta) q[0];
ry(phi) q[1];
cx q[0], q[1];
ry(theta) q[1];
