// The VQC of the published cell, written another way: rotations as U gates, CNOTs as H CZ H.
// RZ(c) RY(b) RZ(a) = U(b, c, a) up to phase; RZ(atan x^2) RY(atan x) H = U(atan x, atan x^2, 0) H up to phase.
OPENQASM 3.0;
include "stdgates.inc";

gate entangle a, b { h b; cz b, a; h b; }

input float[64] x0;
input float[64] x1;
input float[64] x2;
input float[64] x3;
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

U(pi/2, 0, pi) q;
U(arctan(x0), arctan(x0**2), 0) q[0];
U(arctan(x1), arctan(x1**2), 0) q[1];
U(arctan(x2), arctan(x2**2), 0) q[2];
U(arctan(x3), arctan(x3**2), 0) q[3];

// layer 0
entangle q[0], q[1];
entangle q[1], q[2];
entangle q[2], q[3];
entangle q[3], q[0];
entangle q[0], q[2];
entangle q[1], q[3];
entangle q[2], q[0];
entangle q[3], q[1];
U(beta_0_0, gamma_0_0, alpha_0_0) q[0];
U(beta_0_1, gamma_0_1, alpha_0_1) q[1];
U(beta_0_2, gamma_0_2, alpha_0_2) q[2];
U(beta_0_3, gamma_0_3, alpha_0_3) q[3];

// layer 1
entangle q[0], q[1];
entangle q[1], q[2];
entangle q[2], q[3];
entangle q[3], q[0];
entangle q[0], q[2];
entangle q[1], q[3];
entangle q[2], q[0];
entangle q[3], q[1];
U(beta_1_0, gamma_1_0, alpha_1_0) q[0];
U(beta_1_1, gamma_1_1, alpha_1_1) q[1];
U(beta_1_2, gamma_1_2, alpha_1_2) q[2];
U(beta_1_3, gamma_1_3, alpha_1_3) q[3];
