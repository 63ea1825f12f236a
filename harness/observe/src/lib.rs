//! Reads /proc, cgroups and the environment fingerprint.
