package dev.lockstep.ordering.stability;

/// A command's place in order, without the command: what a member knows of its unique id.
///
/// @param isFixed false if the timestamp is only a candidate
record Standing(Mark mark, boolean isFixed) {}
