/// `lockstep bench`: what a cluster does under load, measured from a client.
///
/// [dev.lockstep.bench.BenchCommand] reads the command line, [dev.lockstep.bench.BenchCluster] runs
/// the replicas as processes, [dev.lockstep.bench.ClosedLoop] makes the load, and
/// [dev.lockstep.bench.LevelRun] and [dev.lockstep.bench.FailoverRun] measure.
@NullMarked
package dev.lockstep.bench;

import org.jspecify.annotations.NullMarked;
