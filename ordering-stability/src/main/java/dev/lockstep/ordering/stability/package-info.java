/// Stability ordering under crash faults, n = 2t+1: Schneider's rule, made fault tolerant without a
/// leader. Every command gets a unique id; each member executes the smallest one that is stable,
/// that is, of which it knows that no command with a smaller id can come any more.
///
/// # Words
///
/// - *candidate* p_j(c): what member j proposes as the id of command c (Schneider's CUID). Made
///   once, durable before it is spoken of, never changed.
/// - *timestamp* or *unique id* ts(c): the largest candidate of a majority, one for ever (UID).
/// - *floor* F_j: every candidate that j makes from now on is larger; for ever, restarts included.
/// - *order*: by (timestamp, origin, number). Equal timestamps are no tie, so nothing needs to keep
///   them apart.
/// - *stable*: t is stable at i when i knows of a majority that their floors are at least t, and
///   that every command which they gave a candidate at or below t is decided.
///
/// Where candidates come from is the one difference between the three orders ([ClockSource]):
/// `logical-clock` a Lamport counter, `synchronized-clock` the wall clock, `replica-ids` counters
/// that nobody pushes.
///
/// # Quorums
///
/// f is at most a minority of n. A command's fast quorum has n/2 + f members (at least a majority),
/// its coordinator among them, and is fixed before the command is proposed. f + 1 accept a value, n
/// - f
/// answer a recovery or a reader, a majority of floors makes stable. ([Setup])
///
/// # Rules
///
/// 1. *Propose* ([Proposals]): the coordinator makes a candidate and sends the command to the fast
///    quorum. A member of it makes a candidate at least as large and acknowledges ([Acceptor]).
/// 2. *Fast path* ([FastPath]): all have answered and at least f of them with the largest
///    candidate: that is the unique id. *Slow path* ([Recovery]): else it is put to a consensus at
///    the coordinator's own first ballot.
/// 3. *Recovery* ([Recovery]): whoever waits too long asks n - f members, at a ballot of its own.
///    A value accepted at the highest ballot is taken. Else, if the fast path can be ruled out,
///    because the coordinator is among those asked or a member of the fast quorum made its
///    candidate for a recovery: the largest candidate of all. Else the largest of the fast quorum.
/// 4. *Headers* ([Header], [Peers]): every message tells its sender's floor and names all its
///    candidates below that the receiver may lack. One header makes good for all that were lost.
/// 5. *Execution* ([Stability], [Execution], [Ledger]): in the order of marks, as far as is stable.
///    Each command takes one position.
/// 6. *Reads* ([Reads]): the largest timestamp that n - f members know of; then wait until all
///    through it is executed.
///
/// | before this leaves | this is durable |
/// |---|---|
/// | a proposal | the command and its coordinator's candidate |
/// | an acknowledgement of any kind | the candidate, ballot or value in it |
/// | a fast decision, to anybody | the decision at its coordinator, unless it is evident |
/// | a floor | a reservation of it, and all candidates below ([Floor]) |
/// | what is known of a command is forgotten | its position |
///
/// # Why it holds
///
/// - *Agreement*: at most one timestamp is decided for a command. Ballots above 0 are Paxos: f + 1
///   and n - f intersect. Suppose ballot 0 decided t, the largest of the fast quorum, which f of it
///   have. The coordinator, if asked, answers with the decision: it was durable. If it is not
///   asked, at most f - 1 others are missing, so one that has t answers, and no member of the fast
///   quorum has more. If a member made its candidate for a recovery it never acknowledged, so
///   ballot 0 decided nothing. That no member goes below its coordinator's candidate matters: else
///   the coordinator alone could have t.
/// - *Evident decisions*: if all members have made candidates, f + 1 of them t and none more, then
///   any n - f that a recovery asks have t as their largest candidate. A coordinator that has
///   forgotten its decision may take part and leave the recovery free to choose: it chooses t. If
///   the coordinator is not asked, the argument above holds. So t may be told before it is written
///   down ([FastPath]).
/// - *Majority cover*: a majority has durable candidates at or below ts(c).
/// - *Stability*: let t be stable at i and ts(c) at most t. The majorities of cover and stability
///   share a member; its candidate for c is below its floor, so its header names c, so c is decided
///   at i.
/// - *Reads*: each decision leaves a trace of at least its size with one of any n - f members: with
///   n = 5 and f = 1 a mere majority would miss it.
///
/// # Why it ends
///
/// An open command keeps everything behind it waiting, so it matters how long it takes once n - f
/// members hear each other. One of them is responsible for it ([Watch]): its origin, or the first
/// that lives. Let T be the recovery timeout. Where all that live hear each other:
///
/// - It asks again at its ballot after 16.5 T at most, and whoever has not promised more answers.
/// - *A refusal ends no ballot.* If n - f answer, it goes on, whoever else has promised more: that
///   is Paxos, where each acceptor's promise is its own, and what n - f have promised and f + 1
///   accept is chosen as safely with one that refuses as with one that is away. So a member that
///   began a higher ballot which nobody heard, and is not the one to finish the command any more,
///   delays nothing.
/// - *Where the others are not enough* each refusal has told of a ballot. After 2.5 T at most, the
///   first time, it begins a higher one ([Recovery#onNack]). The wait grows with refusals in a row,
///   not with questions that nobody answered: only rivals are to be got out of the way of. All that
///   have refused promise the next ballot, and for 8 T nobody else begins one.
///
/// Where some hear only some, the one that is responsible may reach too few, and the others may not
/// agree on who it is: an origin that reaches the first member alone is live to it, and dead to the
/// others, which leave its commands to the first. The design's rule waits for ever then. Here, a
/// member that has k live ones ahead of it in that line joins in after k times 8 T in which it has
/// known the command, seen all of them live, and seen n - f live; without those there is nothing to
/// gain but ballots in the journal. Whoever is first may only be slow, so the patience doubles with
/// each of its ballots that came to nothing, a thousandfold at most: between two attempts there is
/// soon time enough for somebody to finish. Members whose connection was broken begin to wait anew;
/// those that have heard each other all along do not.
///
/// # What the host wants, and what the specification did not have
///
/// The design document for this order was checked without reconfiguration, sessions, snapshots and
/// compaction. With them, this is different:
///
/// - *A position for every command.* The host wants the batches of an origin's boot in their order;
///   timestamps do not promise that, after a recovery or when the network overtakes. A command
///   therefore names its batch's predecessor. If that was not delivered before, the command counts
///   for nothing: an empty batch takes its position, and the coordinator proposes the batch again.
///   That is decided from the executed prefix alone, hence equally everywhere, and takes care of
///   batches that are ordered twice as well ([Ledger]). So that it is rare, a member makes no
///   candidate for a command before it has heard of its predecessor, and a recovery that may choose
///   chooses more than the predecessor's id ([Turns]) if one of those who answer has made its
///   candidate late. Without one, all may have acknowledged the command, and its coordinator may
///   have told of an evident decision (O2) that it has forgotten since: that is the largest
///   candidate and nothing else. Simulated runs do not show what comes of choosing more there;
///   a schedule does.
/// - *Numbers go on over restarts.* A name has no incarnation in it: the record of a command is
///   durable before its name is sent, so a number that is not in the journal was never heard of.
///   What is lost leaves no gaps, and what is done is one number and 64 bits a member ([Done]),
///   small enough for the anchor of every position, from which a new member learns it. For that a
///   coordinator has at most 64 commands under way. That the ids of later ones are larger than all
///   that it has executed needs no rule: it follows from stability.
/// - *A header speaks for what was forgotten, also if nothing was ever executed.* A base
///   at position 0 is a fact like any other: a member that restarts with a floor ahead of its first
///   candidate
///   would otherwise never be believed again, and the cluster would stand still.
/// - *Named candidates outlive their commands.* A candidate whose command is executed stays in the
///   journal while a smaller one of an open command keeps the base down: else a header would leave
///   it out ([Forgetting]).
/// - *The stop sign is a command* and ends the epoch where it is executed. What is ordered after it
///   is never delivered; its origins submit it again.
///
/// # Fail-stop faults, n = t + 1
///
/// Under fail-stop faults ([FailStopOrdering]) every command needs every member, and a
/// configuration authority ([dev.lockstep.core.authority.Authority]) says who the members are.
/// There are no ballots and no quorums, and nothing of a member's floor needs to be durable: who
/// restarts takes no part in the epoch any more.
///
/// 1. *Ids*: `logical-clock` and `synchronized-clock` take the coordinator's clock
///    ([OriginAssignment]); with `replica-ids` every member makes a candidate, and the largest of
///    all is the unique id ([LargestAssignment]).
/// 2. *Through* ([Progress]): a member says through which timestamp it durably holds everything,
///    with its unique id, and nothing can come any more: all members' floors have passed it (a
///    floor counts for who has all commands that were originated before it), or with `replica-ids`
///    its own floor, and no command without a unique id is at or below. A command is executed when
///    all members have said so of its timestamp.
/// 3. *The end of an epoch* ([Flush]): the authority names who goes on. Those of the epoch who do
///    take no part any more, tell the lowest of them what they hold, and write down the order that
///    it makes of the union. When all have, the authority lets the attempt count, unless it has
///    begun another; only then is the rest executed, and the stop sign.
/// 4. *Reads* ([FailStopReads]): what was acknowledged in the epoch is here. A round to all members
///    tells that the epoch had not ended when the read began.
///
/// Whoever goes on knows of everything that anybody executed, because it was waited for; whoever
/// does not can complete nothing, because those that go on have stopped. So the authority may be
/// wrong about who is dead.
///
/// Mistakes of the design (the first, the third and the fourth) and of the way here; most are put
/// back by `FailStopMutant` for the simulator to find again:
///
/// - *To confirm a unique id is not enough* with `replica-ids`, not even with two members and one
///   crash. Member 2 gave command y the candidate 10, member 1 gave it 3; x is fixed at 7,
///   confirmed by both, and executed at 2, which knows y to come later. 2 dies, and with it the 10:
///   the other puts y at 3, before x. A member may confirm x only when all its own candidates of
///   commands without a unique id are above.
/// - *A unique id that is not durable* leaves, after a crash, the candidate that was written
///   before. So what is confirmed stays below the candidate, not below the unique id.
/// - *The union must be ordered by number too*: of two commands of one coordinator, the largest
///   candidate of the first may survive and that of the second may not.
/// - *Epochs cannot be skipped*: "another failure: e+2, start again" breaks the chain of stop signs
///   and leaves open whether e+1 began. Instead e+1 is tried again, and the authority decides
///   which attempt counts.
/// - *What a member fetched for an attempt that came to nothing* does not count in the next: it has
///   gaps.
/// - *A member by name is not yet one by what it holds*: one that has just been let in cannot be
///   left alone. Nor is one that has lost its disk the one that it was.
/// - *The stop sign needs a record* with its batch: those that follow are served it as history.
///
/// With three members and a clock of the coordinator's, a command takes three delays, where two
/// would do if floors and acknowledgements were told apart.
///
/// # Not here
///
/// A stop sign that is asked for in an epoch under fail-stop faults: there the authority alone ends
/// epochs. Proposing before the coordinator's candidate is durable.
///
/// Liveness needs n - f members that hear each other, syncs that take less than some hundred
/// recovery timeouts, and clocks only for the time it takes.
@NullMarked
package dev.lockstep.ordering.stability;

import org.jspecify.annotations.NullMarked;
