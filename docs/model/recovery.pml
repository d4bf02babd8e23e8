/*
 * Recovery in the stability orders, as a model for Spin: n = 3, f = 1, one or two commands, and one
 * crash that loses what was not synced. README.md says how to run it, what is modelled and what not.
 *
 * The network is a set that only grows, so every message may be late, lost, repeated or overtaken.
 * A replica that never crashes syncs at once: to sync later is to have one's messages arrive later.
 * Only the victim of the crash, drawn at the start, tells its memory from its disk. A replica that
 * is down for good is one that takes no step, so no run needs all three.
 *
 * Sizes: COMMANDS, TOP (largest timestamp), BALLOTS (recoveries of each command), RESERVED (how far
 * floors are promised ahead), COUNTS 0 for a clock that a candidate does not push. O2: the decision
 * that all have acknowledged is disclosed before it is durable. AFTER: commands have predecessors,
 * whose ids may be anything, so a recovery that may choose may choose more than all candidates, if
 * one of those who answer has made its candidate late; and where a candidate does not push the floor,
 * it may be more than the floor asks for. The rest of the names in capitals break one rule each.
 */

#ifndef COMMANDS
#define COMMANDS 1
#endif
#ifndef TOP
#define TOP 3
#endif
#ifndef BALLOTS
#define BALLOTS 2
#endif
#ifndef RESERVED
#define RESERVED 1
#endif
#ifndef COUNTS
#define COUNTS 1
#endif

#define N 3
#define AT(c, j) ((c) * N + (j))
#define OF(c, b) ((c) * BALLOTS + (b) - 1)
#define ACK(c, b, j) (OF(c, b) * N + (j))
/* Ballots of a replica: rank, rank + n, ..., from a rank that is drawn. */
#define OWNER(b) ((firstOwner + (b) - 1) % N)
#define BIT(x) (1 << (x))
#define MAX(a, b) ((a) > (b) -> (a) : (b))

/* Who is who, drawn once. */
byte victim;
byte firstOwner;
byte coordinator[COMMANDS];
byte other[COMMANDS];  /* the fast quorum is these two */
bool crashed;

/* What a replica knows of a command. */
typedef Vote {
    byte candidate;
    bool late;
    byte ballot;
    byte accepted;  /* the ballot; its value is value[] */
#ifdef ONE_BALLOT
    byte claimed;  /* the ballot that it says it has accepted at */
#endif
}

Vote vote[COMMANDS * N];
Vote disk[COMMANDS];  /* the victim's */

byte decided[COMMANDS];      /* at the coordinator, by the fast path */
byte decidedDisk[COMMANDS];  /* the victim's */
bool proposing[COMMANDS];    /* the coordinator has not restarted since it proposed */

/* Floors; what others know of the victim's may be less than the floor. */
byte floor_[N];
byte floorDisk;
byte announced;
byte named[COMMANDS];  /* the victim's candidate, as its headers name it */

/* The network. The victim's messages wait in `held` for its disk. */
byte least[COMMANDS];                  /* Propose, with the coordinator's candidate */
byte ack[COMMANDS * N];                /* ProposeAck */
byte recovers[COMMANDS];               /* Recover, a bit a ballot */
Vote answer[COMMANDS * BALLOTS * N];   /* RecoverAck, if its ballot is set */
byte value[COMMANDS * BALLOTS];        /* Consensus */
byte accepts[COMMANDS * BALLOTS];      /* ConsensusAck, a bit a replica */

byte heldLeast[COMMANDS];
byte heldAck[COMMANDS];
byte heldRecovers[COMMANDS];
Vote heldAnswer[COMMANDS * BALLOTS];
byte heldAccepts[COMMANDS];            /* a bit a ballot */
byte heldDecided[COMMANDS];

byte attempt[COMMANDS * BALLOTS];      /* 1: its owner asks, 2: it has chosen */

/* What was ever decided; the property is about it. */
byte final[COMMANDS];

/* Scratch, always 0 between steps. */
byte x, y, z, w;
bool free;

inline copy(to, from) {
    to.candidate = from.candidate;
    to.late = from.late;
    to.ballot = from.ballot;
    to.accepted = from.accepted;
#ifdef ONE_BALLOT
    to.claimed = from.claimed
#endif
}

inline clear(it) {
    it.candidate = 0;
    it.late = 0;
    it.ballot = 0;
    it.accepted = 0
}

/* Nobody's promise waits for a disk that never forgets. */
#define REMEMBERS(j) ((j) != victim || crashed)

/* Agreement: one value for ever. */
inline decide(c, t) {
    assert(final[c] == 0 || final[c] == (t));
    final[c] = (t)
}

#define FLOOR_OF(j) ((j) == victim -> announced : floor_[j])
#define NAMED_BY(c, j) \
    ((j) == victim -> named[c] : (vote[AT(c, j)].candidate <= floor_[j] -> vote[AT(c, j)].candidate : 0))
#define NAMES(c, j) (NAMED_BY(c, j) != 0 && NAMED_BY(c, j) <= final[c])
#define PASSED(c, j) (FLOOR_OF(j) >= final[c])
#define COVERED(c, i, j) (!(PASSED(c, i) && PASSED(c, j)) || NAMES(c, i) || NAMES(c, j))

/* Stability: no majority has passed a command's unique id without one of them naming it. */
inline cover(c) {
    if
    :: final[c] != 0 ->
#ifdef MINORITY
        assert(!PASSED(c, 0) || NAMES(c, 0));
        assert(!PASSED(c, 1) || NAMES(c, 1));
        assert(!PASSED(c, 2) || NAMES(c, 2))
#else
        assert(COVERED(c, 0, 1));
        assert(COVERED(c, 0, 2));
        assert(COVERED(c, 1, 2))
#endif
    :: else
    fi
}

inline check() {
    cover(0);
#if COMMANDS > 1
    cover(1);
#endif
    x = 0;
    y = 0;
    z = 0;
    w = 0;
    free = 0
}

/* A candidate of j, in z. `more` is what the predecessor's id adds. */
inline makeCandidate(c, j, atLeast, more, isLate) {
    z = MAX(atLeast, floor_[j] + 1) + more;
    vote[AT(c, j)].candidate = z;
    vote[AT(c, j)].late = isLate;
    if
    :: COUNTS -> floor_[j] = z
    :: else
    fi
}

#define MAY_MAKE(j, atLeast) (MAX(atLeast, floor_[j] + 1) <= TOP)

/* What the victim tells of its floor: nothing that it could forget. */
inline announce() {
    x = floor_[victim];
#ifndef FLOOR_UNSYNCED
    if
    :: !crashed ->
        x = (x > MAX(RESERVED, floorDisk) -> MAX(RESERVED, floorDisk) : x);
        y = 0;
        do
        :: y < COMMANDS ->
            if
            :: vote[AT(y, victim)].candidate != 0 && disk[y].candidate == 0 &&
                        x >= vote[AT(y, victim)].candidate ->
                x = vote[AT(y, victim)].candidate - 1
            :: else
            fi;
            y++
        :: else -> break
        od
    :: else
    fi;
#endif
    if
    :: x > announced ->
        y = 0;
        do
        :: y < COMMANDS ->
            if
            :: vote[AT(y, victim)].candidate > announced && vote[AT(y, victim)].candidate <= x ->
                named[y] = vote[AT(y, victim)].candidate
            :: else
            fi;
            y++
        :: else -> break
        od;
        announced = x
    :: else
    fi
}

/* Floors are told at once: the earlier, the less they name. */
inline done(j) {
    if
    :: j == victim -> announce()
    :: else
    fi;
    check()
}

inline propose(c, more) {
    makeCandidate(c, coordinator[c], 0, more, false);
    proposing[c] = true;
    if
#ifndef EARLY_PROPOSE
    :: !REMEMBERS(coordinator[c]) -> heldLeast[c] = z
#endif
    :: else -> least[c] = z
    fi;
    done(coordinator[c])
}

/* A member of the fast quorum acknowledges; with O2 everybody does. */
inline onPropose(c, j, more) {
    if
    :: vote[AT(c, j)].candidate == 0 ->
#ifdef NO_LEAST
        makeCandidate(c, j, 0, more, false)
#else
        makeCandidate(c, j, least[c], more, false)
#endif
    :: else
    fi;
    if
#ifndef EARLY_ACK
    :: !REMEMBERS(j) -> heldAck[c] = vote[AT(c, j)].candidate
#endif
    :: else -> ack[AT(c, j)] = vote[AT(c, j)].candidate
    fi;
#ifdef DECIDES_ALONE
    if
    :: j == other[c] && REMEMBERS(j) -> decide(c, vote[AT(c, j)].candidate)
    :: else
    fi;
#endif
    done(j)
}

#ifdef LATE_ACK
#define MAY_ACK(c, j) (j != coordinator[c])
#else
#define MAY_ACK(c, j) (j != coordinator[c] && vote[AT(c, j)].ballot == 0 && !vote[AT(c, j)].late)
#endif
#ifdef O2
#define IS_ASKED(c, j) true
#else
#define IS_ASKED(c, j) (j == other[c])
#endif

#define THIRD(c) AT(c, N - coordinator[c] - other[c])
#ifdef O2_ANY
#define ALL_AGREE(c, t) (ack[THIRD(c)] != 0)
#else
/* All have acknowledged, t is the largest, and two have it. */
#define ALL_AGREE(c, t) \
    (ack[THIRD(c)] != 0 && ack[THIRD(c)] <= (t) && \
     (ack[THIRD(c)] == (t) || \
      (vote[AT(c, coordinator[c])].candidate == (t) && ack[AT(c, other[c])] == (t))))
#endif

inline decideFast(c) {
    z = MAX(vote[AT(c, coordinator[c])].candidate, ack[AT(c, other[c])]);
    decided[c] = z;
    if
    :: REMEMBERS(coordinator[c]) -> decide(c, z)
#ifdef NO_DECISION_SYNC
    :: else -> decide(c, z)
#else
#ifdef O2
    :: !REMEMBERS(coordinator[c]) && ALL_AGREE(c, z) -> decide(c, z)
    :: !REMEMBERS(coordinator[c]) && !ALL_AGREE(c, z) -> heldDecided[c] = z
#else
    :: else -> heldDecided[c] = z
#endif
#endif
    fi;
    done(coordinator[c])
}

inline promise(c, b, j) {
#ifdef ONE_BALLOT
    vote[AT(c, j)].claimed = (vote[AT(c, j)].accepted != 0 -> vote[AT(c, j)].ballot : 0);
#endif
    vote[AT(c, j)].ballot = b;
    if
#ifndef NO_LATE
    :: vote[AT(c, j)].candidate == 0 -> makeCandidate(c, j, 0, 0, true)
#endif
    :: else
    fi;
    if
#ifndef EARLY_PROMISE
    :: !REMEMBERS(j) -> copy(heldAnswer[OF(c, b)], vote[AT(c, j)])
#endif
    :: else -> copy(answer[ACK(c, b, j)], vote[AT(c, j)])
    fi
}

inline begin(c, b) {
    attempt[OF(c, b)] = 1;
    promise(c, b, OWNER(b));
    if
#ifndef EARLY_RECOVER
    :: !REMEMBERS(OWNER(b)) -> heldRecovers[c] = heldRecovers[c] | BIT(b)
#endif
    :: else -> recovers[c] = recovers[c] | BIT(b)
    fi;
    done(OWNER(b))
}

inline onRecover(c, b, j) {
    promise(c, b, j);
    done(j)
}

inline accept(c, b, j) {
    vote[AT(c, j)].ballot = b;
    vote[AT(c, j)].accepted = b;
    if
#ifndef EARLY_ACCEPT
    :: !REMEMBERS(j) -> heldAccepts[c] = heldAccepts[c] | BIT(b)
#endif
    :: else -> accepts[OF(c, b)] = accepts[OF(c, b)] | BIT(j)
    fi;
    tally(c, b)
}

inline tally(c, b) {
    if
    :: (accepts[OF(c, b)] & 3) == 3 || (accepts[OF(c, b)] & 5) == 5 || (accepts[OF(c, b)] & 6) == 6 ->
        decide(c, value[OF(c, b)])
    :: else
    fi
}

#define IS_FAST(c, j) ((j) == coordinator[c] || (j) == other[c])

/* Looks at one answer: x the highest accepted ballot, y the largest candidate of all, z that of the
 * fast quorum. */
inline look(c, b, j) {
#ifdef ONE_BALLOT
    if
    :: answer[ACK(c, b, j)].claimed > w ->
        w = answer[ACK(c, b, j)].claimed;
        x = answer[ACK(c, b, j)].accepted
    :: else
    fi;
#else
    x = MAX(x, answer[ACK(c, b, j)].accepted);
#endif
    y = MAX(y, answer[ACK(c, b, j)].candidate);
    if
    :: IS_FAST(c, j) ->
        z = MAX(z, answer[ACK(c, b, j)].candidate);
        free = free || answer[ACK(c, b, j)].late
    :: else
    fi;
    free = free || (j) == coordinator[c]
}

/* The owner of a ballot has two answers. `more` is what the predecessor's id adds. */
inline choose(c, b, i, j, more) {
    look(c, b, i);
    look(c, b, j);
#ifdef ALWAYS_FAST
    free = false;
#endif
#ifdef ALWAYS_ALL
    free = true;
#endif
    w = (x > 0 -> value[OF(c, x)] : (free -> y + more : z));
    attempt[OF(c, b)] = 2;
    if
    :: w != 0 && w <= TOP && vote[AT(c, OWNER(b))].ballot <= b ->
        assert(value[OF(c, b)] == 0 || value[OF(c, b)] == w);
        value[OF(c, b)] = w;
        accept(c, b, OWNER(b))
    :: else
    fi;
    done(OWNER(b))
}

inline onConsensus(c, b, j) {
    accept(c, b, j);
    done(j)
}

/* The victim's disk has everything; what waited for it leaves. */
inline sync() {
    floorDisk = floor_[victim];
    x = 0;
    do
    :: x < COMMANDS ->
        copy(disk[x], vote[AT(x, victim)]);
        if
        :: coordinator[x] == victim -> decidedDisk[x] = decided[x]
        :: else
        fi;
        least[x] = (heldLeast[x] != 0 -> heldLeast[x] : least[x]);
        ack[AT(x, victim)] = (heldAck[x] != 0 -> heldAck[x] : ack[AT(x, victim)]);
        recovers[x] = recovers[x] | heldRecovers[x];
        heldLeast[x] = 0;
        heldAck[x] = 0;
        heldRecovers[x] = 0;
        y = 1;
        do
        :: y <= BALLOTS ->
            if
            :: heldAnswer[OF(x, y)].ballot != 0 ->
                copy(answer[ACK(x, y, victim)], heldAnswer[OF(x, y)]);
                clear(heldAnswer[OF(x, y)])
            :: else
            fi;
            if
            :: (heldAccepts[x] & BIT(y)) != 0 ->
                accepts[OF(x, y)] = accepts[OF(x, y)] | BIT(victim);
                tally(x, y)
            :: else
            fi;
            y++
        :: else -> break
        od;
        heldAccepts[x] = 0;
        if
        :: heldDecided[x] != 0 ->
            decide(x, heldDecided[x]);
            heldDecided[x] = 0
        :: else
        fi;
        x++
    :: else -> break
    od;
    announce();
    check()
}

/* The victim loses what is not on its disk, and is back. */
inline crash() {
    crashed = true;
#ifdef FLOOR_RESET
    floor_[victim] = 0;
#else
#ifdef FLOOR_UNSYNCED
    floor_[victim] = floorDisk;
#else
    floor_[victim] = MAX(RESERVED, floorDisk);
#endif
#endif
    x = 0;
    do
    :: x < COMMANDS ->
        copy(vote[AT(x, victim)], disk[x]);
        clear(disk[x]);
        if
        :: coordinator[x] == victim ->
            decided[x] = decidedDisk[x];
            proposing[x] = false
        :: else
        fi;
        /* S: a candidate may be above the floor that was written before it. */
#ifndef FLOOR_RESET
        floor_[victim] = MAX(floor_[victim], vote[AT(x, victim)].candidate);
#endif
        decidedDisk[x] = 0;
        heldLeast[x] = 0;
        heldAck[x] = 0;
        heldRecovers[x] = 0;
        heldAccepts[x] = 0;
        heldDecided[x] = 0;
        y = 1;
        do
        :: y <= BALLOTS ->
            clear(heldAnswer[OF(x, y)]);
            if
            :: OWNER(y) == victim -> attempt[OF(x, y)] = 0
            :: else
            fi;
            y++
        :: else -> break
        od;
        x++
    :: else -> break
    od;
    floorDisk = 0;
    announce();
    check()
}

inline raise(j) {
    floor_[j]++;
    done(j)
}

/* A fast decision silences its coordinator, which answers with it and with nothing else. */
#define IS_SILENT(c, j) ((j) == coordinator[c] && decided[c] != 0)
/* Who has proposed remembers the payload; others had it with a proposal or can ask for it. */
#define HAS_PAYLOAD(c, j) (least[c] != 0 || ((j) == coordinator[c] && vote[AT(c, j)].candidate != 0))
#define MAY_PROMISE(c, b, j) \
    (vote[AT(c, j)].ballot < b && !IS_SILENT(c, j) && (vote[AT(c, j)].candidate != 0 || MAY_MAKE(j, 0)))
#define IS_ON_DISK(c) (REMEMBERS(coordinator[c]) || disk[c].candidate != 0)

#define IS_PROPOSED(c, j) \
    (least[c] != 0 && MAY_ACK(c, j) && IS_ASKED(c, j) && !IS_SILENT(c, j) \
     && ack[AT(c, j)] == 0 && !((j) == victim && heldAck[c] != 0))
#if defined(AFTER) && COUNTS == 0
#define ON_PROPOSE_MORE(c, j) \
    :: d_step { IS_PROPOSED(c, j) && vote[AT(c, j)].candidate == 0 \
                && MAY_MAKE(j, MAX(least[c], floor_[j] + 1) + 1) -> onPropose(c, j, 1) }
#define PROPOSE_MORE(c) \
    :: d_step { MAY_PROPOSE(c) && MAY_MAKE(coordinator[c], floor_[coordinator[c]] + 2) -> \
                propose(c, 1) }
#else
#define ON_PROPOSE_MORE(c, j)
#define PROPOSE_MORE(c)
#endif
#define ON_PROPOSE(c, j) \
    :: d_step { IS_PROPOSED(c, j) && (vote[AT(c, j)].candidate != 0 || MAY_MAKE(j, least[c])) -> \
                onPropose(c, j, 0) } \
    ON_PROPOSE_MORE(c, j)
#define ON_RECOVER(c, b, j) \
    :: d_step { (recovers[c] & BIT(b)) != 0 && (j) != OWNER(b) && MAY_PROMISE(c, b, j) -> \
                onRecover(c, b, j) }
#define ON_CONSENSUS(c, b, j) \
    :: d_step { value[OF(c, b)] != 0 && vote[AT(c, j)].ballot <= b && vote[AT(c, j)].accepted != b \
                && !IS_SILENT(c, j) -> onConsensus(c, b, j) }
#define MAY_CHOOSE(c, b, i, j) \
    (attempt[OF(c, b)] == 1 && answer[ACK(c, b, i)].ballot != 0 && answer[ACK(c, b, j)].ballot != 0 \
     && !IS_SILENT(c, OWNER(b)))
#ifdef AFTER
#ifdef RAISES_EVIDENT
#define MAY_RAISE(c, b, i, j) true
#else
/* Who made its candidate for a recovery never acknowledged the proposal: not all have. */
#define MAY_RAISE(c, b, i, j) (answer[ACK(c, b, i)].late || answer[ACK(c, b, j)].late)
#endif
#define RAISED(c, b, i, j, more) \
    :: d_step { MAY_CHOOSE(c, b, i, j) && MAY_RAISE(c, b, i, j) -> choose(c, b, i, j, more) }
#if TOP == 2
#define CHOOSE_MORE(c, b, i, j) RAISED(c, b, i, j, 1)
#elif TOP == 3
#define CHOOSE_MORE(c, b, i, j) RAISED(c, b, i, j, 1) RAISED(c, b, i, j, 2)
#elif TOP == 4
#define CHOOSE_MORE(c, b, i, j) \
    RAISED(c, b, i, j, 1) RAISED(c, b, i, j, 2) RAISED(c, b, i, j, 3)
#endif
#else
#define CHOOSE_MORE(c, b, i, j)
#endif
#define CHOOSE(c, b, i, j) \
    :: d_step { MAY_CHOOSE(c, b, i, j) -> choose(c, b, i, j, 0) } \
    CHOOSE_MORE(c, b, i, j)
#ifdef ONE_ANSWER
#define CHOICES(c, b) CHOOSE(c, b, 0, 0) CHOOSE(c, b, 1, 1) CHOOSE(c, b, 2, 2)
#else
#define CHOICES(c, b) CHOOSE(c, b, 0, 1) CHOOSE(c, b, 0, 2) CHOOSE(c, b, 1, 2)
#endif
#define BALLOT(c, b) \
    :: d_step { HAS_PAYLOAD(c, OWNER(b)) && attempt[OF(c, b)] == 0 && MAY_PROMISE(c, b, OWNER(b)) -> \
                begin(c, b) } \
    ON_RECOVER(c, b, 0) ON_RECOVER(c, b, 1) ON_RECOVER(c, b, 2) \
    CHOICES(c, b) \
    ON_CONSENSUS(c, b, 0) ON_CONSENSUS(c, b, 1) ON_CONSENSUS(c, b, 2)
#define MAY_PROPOSE(c) \
    (least[c] == 0 && heldLeast[c] == 0 && !proposing[c] \
     && !(crashed && coordinator[c] == victim && vote[AT(c, victim)].candidate != 0))
#define COMMAND(c) \
    :: d_step { MAY_PROPOSE(c) && MAY_MAKE(coordinator[c], 0) -> propose(c, 0) } \
    PROPOSE_MORE(c) \
    ON_PROPOSE(c, 0) ON_PROPOSE(c, 1) ON_PROPOSE(c, 2) \
    :: d_step { proposing[c] && ack[AT(c, other[c])] != 0 && decided[c] == 0 && IS_ON_DISK(c) \
                && vote[AT(c, coordinator[c])].ballot == 0 -> decideFast(c) } \
    BALLOT(c, 1) MORE_BALLOTS(c)

#if BALLOTS == 1
#define MORE_BALLOTS(c)
#elif BALLOTS == 2
#define MORE_BALLOTS(c) BALLOT(c, 2)
#elif BALLOTS == 3
#define MORE_BALLOTS(c) BALLOT(c, 2) BALLOT(c, 3)
#elif BALLOTS == 4
#define MORE_BALLOTS(c) BALLOT(c, 2) BALLOT(c, 3) BALLOT(c, 4)
#endif
#if COMMANDS == 1
#define ALL_COMMANDS COMMAND(0)
#else
#define ALL_COMMANDS COMMAND(0) COMMAND(1)
#endif
#define RAISE(j) :: d_step { floor_[j] < TOP -> raise(j) }

active proctype system() {
    /* Names of replicas do not matter: the first command is coordinated by 0, with 1. */
    coordinator[0] = 0;
    other[0] = 1;
    if
    :: victim = 0
    :: victim = 1
    :: victim = 2
    fi;
    if
    :: firstOwner = 0
    :: firstOwner = 1
    :: firstOwner = 2
    fi;
#if COMMANDS > 1
    if
    :: coordinator[1] = 0; other[1] = 1
    :: coordinator[1] = 0; other[1] = 2
    :: coordinator[1] = 1; other[1] = 0
    :: coordinator[1] = 1; other[1] = 2
    :: coordinator[1] = 2; other[1] = 0
    :: coordinator[1] = 2; other[1] = 1
    fi;
#endif
    do
    ALL_COMMANDS
    RAISE(0) RAISE(1) RAISE(2)
    :: d_step { !crashed -> sync() }
    :: d_step { !crashed -> crash() }
    od
}
