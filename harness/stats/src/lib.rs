//! Pure statistics over slices of numbers.
