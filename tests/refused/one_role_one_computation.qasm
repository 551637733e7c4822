// Refused by one_role_one_computation: one_role_twin.qasm3 claims the same role, and turns the second wire back.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
input float[64] theta;
qubit[2] q;
ry(x) q[0];
cx q[0], q[1];
ry(theta) q[1];
