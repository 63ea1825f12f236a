//! Nouns of the suite: ids, units, outcomes, observations, plans and records.
