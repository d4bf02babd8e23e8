/// Byzantine ordering: blocks linked by hash, a stable leader, two votes of everybody on every
/// block,
/// for members of which t do anything at all. Section numbers in this package are the design's.
///
/// # Rules
///
/// ```
/// PROPOSE --> VOTE1 (to all) --> QC1 = n-t VOTE1 --[guard]--> VOTE2 (to all) --> QC2 = commit
/// ```
///
/// | step | where |
/// |---|---|
/// | 4.1 enter a view, STATUS to its leader | [ViewChange], [View] |
/// | 4.2 propose: the first block of a view always, others when there are batches | [Leading] |
/// | 4.3 a leader's header, and a second one for its place, before anything else | [Headers] |
/// | 4.4 VOTE1: justified, linked, valid, at most one a place, in a chain | [FirstVotes] |
/// | 4.5 QC1 is the lock; VOTE2 after the guard | [SecondVotes], [Guard] |
/// | 4.6 QC2 commits a block and all before it, at any time; a conflict halts | [Commits], [Ledger]
// |
/// | 4.7 TIMEOUT, its certificate, the quit wait | [ViewChange], [Timeouts] |
/// | 4.8 how long a view may take | [Pacemaker] |
/// | 4.9 what is said again | [Repeats] |
/// | 4.10 blocks by hash, history by anchors that prove themselves | [CatchUp], [Commits], [Anchor]
// |
/// | 2 what must be durable before it is said | [Safety], [Turn] |
/// | 3 messages, and what is signed of them | [ByzantineMessage], [SignedBytes], [Authentication] |
///
/// The two settings differ in one object, [CommitRule]: [PartialSync] (A, n = 3t+1) and [SyncBound]
/// (B, n = 2t+1 and messages within Δ). [Rules] has each decision that tests break.
///
/// ```
/// VOTE1 b        view active, not given up, leader not seen to propose two blocks for one place
///                b follows my last VOTE1 of the view; or is its first block, with
///                   TC of the view before, justify of an earlier view and >= what the TC shows
///                   B: and >= my lock when I entered
/// VOTE2 b        I hold QC1 >= b of this view
///                B: I cast VOTE1 b, no equivocation, and all n did too, or more than 2Δ have
///                passed
///                   since my VOTE1 had left for everybody
/// TIMEOUT v      the view's timer, equivocation, the host's suspicion; A: t+1 others
/// TC v           n-t TIMEOUT v: view v+1. A: at once. B: after more than 2Δ without a vote
/// ```
///
/// # Where it differs from the design
///
/// - **A step takes in all that came and then does what follows**, in one loop
///   ([ByzantineOrdering]). The guard is looked at there alone, after equivocations are recorded.
/// - **The first block of a view is built on a certificate of an earlier view.** The design's
/// checks
///   let a Byzantine leader build a second first block on a lock of the same view. Voters that have
///   committed and forgotten that place would not see that it is its second.
/// - **A leader is a few windows ahead of what is committed**, not only of what is certified: while
///   second votes wait for Δ, locks alone would let it run away.
/// - **Missing blocks are asked of everybody.** One after the other takes longer than a view may.
/// - **A new connection is told all first votes of the view** that are not committed, with what the
///   leader signed: a member that was down must learn of an equivocation from before.
/// - **STATUS is not signed**: its certificate proves itself, and the channel says who sent it.
/// - **Bytes are little-endian**, as everywhere in Lockstep; the domain tag is `LSBYZ1`.
/// - **An anchor proves its position alone**: it has the headers down from the certified block.
/// - **A stop sign is voted for by who wants it too.** Hosts want the one whose wish they have
/// executed, all the same one; a leader that wants one proposes it before all else.
/// - Own votes count, for the voter too, when the disk holds them.
/// - **A leader's proposal, and so its first vote, waits for its view to be durable only** (A):
/// when
///   it starts again it votes in that view no more, and of the n-t that a certificate needs one
///   honest member other than the leader has the block on its disk. Whoever votes for a block a
///   second time has it there.
/// - **A vote for what has enough of them, or lies below what is committed, is not looked at.**
/// - **A small batch waits for the certificate of the last proposal**, however wide the window is.
/// - **A leader whose connection broke has a part of the view's time**, and one that gives its view
///   up takes the others with it (A).
///
/// # Properties and why they hold
///
/// - *Agreement, A*: two QC1 for one place need an honest member that votes twice. QC2 of b means
/// that
///   t+1 honest members held QC1 of b before they gave the view up; every TC of the view or a later
///   one has one of them, so every later first block extends b.
/// - *Agreement, B*: an honest member that votes for something else than b does so before it hears
/// of
///   my VOTE1, so I hear of it within 2Δ and do not vote twice: no QC1 of the view conflicts with
///   b.
///   Who leaves the view hears within 2Δ of every second vote cast in it, with its lock, and from
///   then on votes only for what is as high.
/// - *Without a Byzantine member* B is a protocol of majorities, safe under any delay.
/// - *Nobody votes against itself*: [Safety] is durable before a vote leaves, and a member that
/// starts
///   again goes on from it; in B it casts no vote in the view that it was in.
/// - *Evidence names no honest member*, since it is two signatures for one place.
@NullMarked
package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.NullMarked;
