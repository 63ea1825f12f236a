//! Charts, tables, HTML and claim verdicts from a record.
