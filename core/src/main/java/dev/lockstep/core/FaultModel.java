package dev.lockstep.core;

/// What a faulty replica may do.
public enum FaultModel {
    /// It stops, loses what it had not synced, may come back; messages may be late or lost. n =
    /// 2t+1.
    CRASH,
    /// It stops and is excluded before the group goes on. n = t+1, with a configuration authority.
    FAIL_STOP,
    /// It does anything at all. n = 3t+1, or 2t+1 under a synchrony bound.
    BYZANTINE
}
