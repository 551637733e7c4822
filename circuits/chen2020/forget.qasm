// VQC1, forget: f = sigmoid(VQC1([x, h]))
// Chen, Yoo, Fang 2020, arXiv:2009.01783: encoding, then two layers of two CNOT rings and a rotation on each wire.
OPENQASM 3.0;
include "stdgates.inc";

// features: what is fed in
input float[64] x0;
input float[64] x1;
input float[64] x2;
input float[64] x3;
// weights: layer, wire; Rot(alpha, beta, gamma) = RZ(gamma) RY(beta) RZ(alpha)
input float[64] alpha_0_0;
input float[64] beta_0_0;
input float[64] gamma_0_0;
input float[64] alpha_0_1;
input float[64] beta_0_1;
input float[64] gamma_0_1;
input float[64] alpha_0_2;
input float[64] beta_0_2;
input float[64] gamma_0_2;
input float[64] alpha_0_3;
input float[64] beta_0_3;
input float[64] gamma_0_3;
input float[64] alpha_1_0;
input float[64] beta_1_0;
input float[64] gamma_1_0;
input float[64] alpha_1_1;
input float[64] beta_1_1;
input float[64] gamma_1_1;
input float[64] alpha_1_2;
input float[64] beta_1_2;
input float[64] gamma_1_2;
input float[64] alpha_1_3;
input float[64] beta_1_3;
input float[64] gamma_1_3;

qubit[4] q;

// encoding
h q[0];
h q[1];
h q[2];
h q[3];
ry(arctan(x0)) q[0];
rz(arctan(x0**2)) q[0];
ry(arctan(x1)) q[1];
rz(arctan(x1**2)) q[1];
ry(arctan(x2)) q[2];
rz(arctan(x2**2)) q[2];
ry(arctan(x3)) q[3];
rz(arctan(x3**2)) q[3];

// layer 0: ring i -> i+1, ring i -> i+2, rotations
cx q[0], q[1];
cx q[1], q[2];
cx q[2], q[3];
cx q[3], q[0];
cx q[0], q[2];
cx q[1], q[3];
cx q[2], q[0];
cx q[3], q[1];
rz(alpha_0_0) q[0];
ry(beta_0_0) q[0];
rz(gamma_0_0) q[0];
rz(alpha_0_1) q[1];
ry(beta_0_1) q[1];
rz(gamma_0_1) q[1];
rz(alpha_0_2) q[2];
ry(beta_0_2) q[2];
rz(gamma_0_2) q[2];
rz(alpha_0_3) q[3];
ry(beta_0_3) q[3];
rz(gamma_0_3) q[3];

// layer 1: ring i -> i+1, ring i -> i+2, rotations
cx q[0], q[1];
cx q[1], q[2];
cx q[2], q[3];
cx q[3], q[0];
cx q[0], q[2];
cx q[1], q[3];
cx q[2], q[0];
cx q[3], q[1];
rz(alpha_1_0) q[0];
ry(beta_1_0) q[0];
rz(gamma_1_0) q[0];
rz(alpha_1_1) q[1];
ry(beta_1_1) q[1];
rz(gamma_1_1) q[1];
rz(alpha_1_2) q[2];
ry(beta_1_2) q[2];
rz(gamma_1_2) q[2];
rz(alpha_1_3) q[3];
ry(beta_1_3) q[3];
rz(gamma_1_3) q[3];
