// The output processing block with its measurement deferred: no reset, two fresh wires instead.
// `outcome` takes the outcome; `old_work` takes what was on the work wire and leaves |0> there.
OPENQASM 3.0;
include "stdgates.inc";

input float[64] x;  // feature, scaled to [-1, 1]
input float[64] scale;  // of the encoding, shared by all blocks
input float[64] offset;
input float[64] readout_work_z;
input float[64] readout_work_y;
input float[64] readout_hidden_z;
input float[64] readout_hidden_y;

qubit[1] work;
qubit[1] hidden;
qubit[1] outcome;
qubit[1] old_work;
bit[1] y;

ry(scale * arcsin(0.9 * x) + offset) work[0];
cx hidden[0], work[0];
rz(readout_work_z) work[0];
ry(readout_work_y) work[0];
rz(readout_hidden_z) hidden[0];
ry(readout_hidden_y) hidden[0];
cx work[0], outcome[0];
swap work[0], old_work[0];
y[0] = measure outcome[0];
