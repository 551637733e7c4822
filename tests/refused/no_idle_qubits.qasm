// Refused by no_idle_qubits: wire 2 is declared and never used.
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
h q[0];
cx q[0], q[1];
cx q[1], q[3];
barrier q;
