//! billed_before
