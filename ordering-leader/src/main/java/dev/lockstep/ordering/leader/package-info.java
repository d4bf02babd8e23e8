/// Leader ordering: Raft, as Ongaro's dissertation (2014) has it, for n = 2t+1 members that fail by
/// stopping. Section numbers in this package are the dissertation's.
///
/// # Rules
///
/// One member, the leader of a term, gives every batch its index; index plus a constant is the
/// position. What is durable on a majority and of the leader's own term is committed, with
/// everything before it, and delivered by everybody in the order of indices.
///
/// | before this leaves | this is durable |
/// |---|---|
/// | anything that a member says in a term, votes included | its `Term` record ([Turn]) |
/// | an acknowledgement of index i | every `Entry` through i ([Following]) |
/// | the leader counts itself for i | its own `Entry` i ([Replication]) |
///
/// Where to look: [LeaderOrdering] has the transitions between terms and roles, [Elections] who
/// stands and who votes, [Sequencer] what a leader appends, [Replication] and [FollowerProgress]
/// how it reaches the followers, [Following] what those do, [Delivery] what is committed,
/// [Forwarding] how a follower's batches get to the leader, [ReadRounds] and [ReadRequests] the
/// reads, [Transfer] the handing over, [AgreedClock] agreed time, [Rules] each decision on which
/// safety hangs.
///
/// # Where it differs from the dissertation
///
/// - **Term 1 has no election.** The epoch names its first leader, and every member records
///   `Term(1, votedFor = the first leader)` at its start. A first leader that finds the record at
///   its start has spent the term and waits like anybody.
/// - **Logs are compared by a chained checksum** ([Mark], [Chain]), not by index and term alone, so
///   that a difference, damage included, is found at the first entry that differs.
/// - **A follower sends its own clients' batches to the leader** and keeps them until they are
///   delivered. The leader appends an origin's batches in their order: each [LeaderMessage.Forward]
///   names the one
///   before it, and what comes early waits ([ForwardQueue]). The payload does not travel back: the
///   leader refers to it by name and checksum.
/// - **A lost connection to the leader is news**: a follower asks at once whether others would vote
///   for it (PreVote, §9.6). Others say yes only if they do not hear the leader either, so a false
///   alarm disturbs nobody. Members ask one after the other, in the order of their ranks, so that
///   they do not split the vote; one whose log is shorter than the other's makes that one ask at
///   once. With the lease on, a lost connection shortens no wait.
/// - **A timer that fires far too late** says that this process stood still, not that the others
///   did: an election timer late by a heartbeat gives them two heartbeats more before anything is
///   concluded from their silence, twice in a row at most. This delays elections by a bounded time
///   and permits none, so that safety does not depend on it. A leader gives up only after the
///   longest timeout that followers draw.
/// - **Reads** take one confirmed round for all that wait (§6.4), riding on the appends under way.
///   The lease (§6.4.1) is off unless asked for. It ends, for the rest of the term, before
///   `TimeoutNow` is sent. With the lease on, a member that has just started or heard a leader
///   votes for nobody for one least timeout, whatever term it has entered meanwhile.
/// - **A stop sign ends the log**: after it come only closing entries, with which a new leader can
///   commit it, and which are never delivered.
/// - **A follower far behind** is told so ([LeaderMessage.Behind]) and takes delivered history from
///   its host, checked against the chain; what contradicts history was never committed.
/// - **A leader whose disk stands still** while others commit hands over.
///
/// # Properties and why they hold
///
/// - *Election safety*: a vote is durable before it is sent, there is one a term, and two
///   majorities intersect (§3.4).
/// - *Leader append-only, log matching*: only [Sequencer] appends at a leader; a follower takes an
///   entry only where its mark before it is equal, and an entry's chain fixes all before it (§3.5).
/// - *Leader completeness*: a vote goes only to a log that holds all that the voter's holds, and an
///   entry is committed by counting only in its leader's own term (§3.6).
/// - *Durability*: what is counted is durable where it is counted, so a committed entry survives on
///   a majority the crash of everybody.
/// - *Integrity*: an origin's batches ascend in the log, so one number an origin tells what is
///   there ([OriginMarks]); a repeated batch is left out, whoever leads.
/// - *Linearizable reads*: a barrier's index was committed by a leader that was confirmed after the
///   barrier was asked for, and that has committed in its own term.
/// - *Agreed time* never goes back, and stays within the allowed skew of the median of the members'
///   clocks ([AgreedClock]).
///
/// Liveness needs a majority that is connected for an election timeout.
@NullMarked
package dev.lockstep.ordering.leader;

import org.jspecify.annotations.NullMarked;
