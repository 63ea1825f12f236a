//! HTTP readiness, exchanges and load against a server under test.
