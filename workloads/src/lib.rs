//! Workload definitions, fixtures, expected outcomes and pinned components.
