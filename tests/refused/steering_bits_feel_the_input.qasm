// Refused by steering_bits_feel_the_input: the work wire is in |0> when it controls the CX of the input gate, so the
// gate fires with a probability that `work` sets alone, whatever x and the hidden wire are.
OPENQASM 3.0;
include "stdgates.inc";
input float[64] x;
input float[64] offset;
input float[64] work;
input float[64] update;
qubit[2] q;  // work, hidden
bit[2] c;  // forget, input

// forget: the input acts on the work wire
ry(x + offset) q[0];
cx q[1], q[0];
c[0] = measure q[0];
reset q[0];
if (c[0] == 0) {
  reset q[1];
}

// input: the work wire is meant to feel the hidden one
cx q[0], q[1];
ry(work) q[0];
c[1] = measure q[0];
reset q[0];
if (c[1] == 1) {
  ry(update) q[1];
}
