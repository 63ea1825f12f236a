//! Guest handlers for wasi:http and their native twins, from one source.
