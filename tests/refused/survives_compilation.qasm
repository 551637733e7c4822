// Refused by survives_compilation: Qiskit's levels 2 and 3 leave the three small rotations out, which together turn
// the state by more than the bound.
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
cx q[0], q[1];
cx q[1], q[2];
rx(1.5e-6) q[0];
ry(1.5e-6) q[1];
rx(1.5e-6) q[2];
cx q[0], q[2];
