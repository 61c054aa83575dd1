//! Doorward over HTTP: limits, TLS, routing, metrics.
