//! Native and OCI arms, and their image recipes.
