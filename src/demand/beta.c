#include "demand/beta.h"

#include <math.h>

enum { TERMS_MAX = 20000, HALVINGS = 60 };

/* The k-th partial numerator over its denominator of DLMF 8.17.22. */
static double term(double a, double b, double x, int k) {
    double m = (double)(k / 2);
    if (k % 2) return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
}

static double away_from_zero(double value) {
    return fabs(value) < 1e-300 ? 1e-300 : value;
}

/* Converges fast for x below the mean. */
static double lower_share(double a, double b, double x) {
    double c = 1, d = away_from_zero(1 + term(a, b, x, 1));
    d = 1 / d;
    double fraction = d;
    for (int k = 2; k < TERMS_MAX; k++) {
        double t = term(a, b, x, k);
        d = 1 / away_from_zero(1 + t * d);
        c = away_from_zero(1 + t / c);
        fraction *= c * d;
        if (fabs(c * d - 1) < 1e-15) break;
    }
    double front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x);
    return exp(front) * fraction / a;
}

double pct_beta_share(double a, double b, double x) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    return x < (a + 1) / (a + b + 2) ? lower_share(a, b, x) : 1 - lower_share(b, a, 1 - x);
}

double pct_beta_quantile(double a, double b, double p) {
    double low = 0, high = 1;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (pct_beta_share(a, b, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
