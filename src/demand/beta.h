/* The distribution function of the beta distribution, I_x(a, b), and its inverse: exact tests of shares and rates need no other. */
#ifndef PCT_DEMAND_BETA_H
#define PCT_DEMAND_BETA_H

/* 0 <= x <= 1; a, b > 0, up to 1e6. By the continued fraction of DLMF 8.17.22 (modified Lentz); about 1e-14. */
double pct_beta_share(double a, double b, double x);
/* The x whose share is p: by bisection, within 1e-12. */
double pct_beta_quantile(double a, double b, double p);

#endif
