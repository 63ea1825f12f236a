//! The framed protocol between the harness and its measured helper processes.
