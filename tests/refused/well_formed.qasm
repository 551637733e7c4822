// Refused by well_formed: the claims name the weight `thetta`, which the circuit does not have.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
input float[64] theta;
qubit[2] q;
ry(x) q[0];
cx q[0], q[1];
ry(theta) q[1];
