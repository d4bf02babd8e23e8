package dev.lockstep.replica;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.testkit.simulator.Product;

import java.util.function.Function;

/// Replicas with one rule broken.
public final class BrokenReplicas {

    /// An exception in the state machine leaves the loop that executes.
    public static final Product STALLS_ON_AN_EXCEPTION =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean answersFailures() {
                            return false;
                        }
                    });

    /// A retry whose reply is not remembered any more runs again.
    public static final Product RUNS_FORGOTTEN_COMMANDS_AGAIN =
            with(
                    new ReplicaRules() {
                        @Override
                        Session.Verdict heed(Session.Verdict verdict) {
                            return verdict == Session.Verdict.FORGOTTEN
                                    ? Session.Verdict.NEXT
                                    : verdict;
                        }
                    });

    /// A retry runs again.
    public static final Product RUNS_RETRIES_AGAIN =
            with(
                    new ReplicaRules() {
                        @Override
                        Session.Verdict heed(Session.Verdict verdict) {
                            return verdict == Session.Verdict.EXECUTED
                                    ? Session.Verdict.NEXT
                                    : verdict;
                        }
                    });

    /// Each replica ends sessions by its own clock, which is ahead of some others'.
    public static final Product EXPIRES_BY_WALL_CLOCK =
            each(
                    options ->
                            new ReplicaRules() {
                                @Override
                                long expiryNanos(long agreedNanos) {
                                    return agreedNanos + 300_000_000L * options.self().value();
                                }
                            });

    /// The journal grows for ever.
    public static final Product KEEPS_ALL_OF_ITS_JOURNAL =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean dropsWhatSnapshotsHave() {
                            return false;
                        }
                    });

    /// Not broken: one replica never executes two commands with results in a duty cycle, so that it
    /// is behind what it has delivered most of the time.
    public static final Product ONE_EXECUTES_LATE =
            each(
                    options ->
                            new ReplicaRules() {
                                @Override
                                long resultBytes() {
                                    return options.self().value() == 1 ? 1 : Backlog.RESULT_BYTES;
                                }
                            });

    /// The loop does nothing else while a snapshot is taken or begun with, for longer than others
    /// wait before they elect somebody else.
    public static final Product STANDS_STILL_FOR_SNAPSHOTS =
            new Product() {
                @Override
                public long standstillNanos() {
                    return 2_000_000_000L;
                }
            };

    /// The journal does not say that it leads on from a snapshot.
    public static final Product FORGETS_WHERE_ITS_JOURNAL_BEGINS =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean saysWhereJournalBegins() {
                            return false;
                        }
                    });

    /// Takes whatever comes, however much waits.
    public static final Product ADMITS_WITHOUT_BOUND =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean heedsBounds() {
                            return false;
                        }
                    });

    /// One member's word is enough for a snapshot, where members lie.
    public static final Product BELIEVES_ANY_SNAPSHOT =
            with(
                    new ReplicaRules() {
                        @Override
                        int believesWith(int enough) {
                            return 1;
                        }
                    });

    /// Whatever a batch has for a wish counts, signed by an operator or not.
    public static final Product BELIEVES_ANY_WISH =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean checksWishes() {
                            return false;
                        }
                    });

    /// What a member sends of a snapshot goes to the disk unseen.
    public static final Product TAKES_ANY_CHUNK =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean checksChunks() {
                            return false;
                        }
                    });

    /// Any snapshot that is there is taken for one to which the journal leads.
    public static final Product TRUSTS_ITS_JOURNAL_TO_LEAD_ANYWHERE =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean doubtsThatJournalLeadsThere() {
                            return false;
                        }
                    });

    /// A snapshot from a member takes the place of all that the journal holds, newer or not.
    public static final Product INSTALLS_OVER_NEWER_STATE =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean keepsJournalBesideSnapshot() {
                            return false;
                        }
                    });

    /// Whoever wants to stops executing while it writes a snapshot.
    public static final Product PAUSES_OUT_OF_TURN =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean waitsForItsTurn() {
                            return false;
                        }
                    });

    /// What a protocol's members say is heard in whatever epoch it arrives.
    public static final Product HEARS_FORMER_EPOCHS =
            with(
                    new ReplicaRules() {
                        @Override
                        boolean hearsEpoch(long said, long present) {
                            return true;
                        }
                    });

    /// The next epoch begins before the journal knows of it.
    public static final Product BEGINS_AN_EPOCH_BEFORE_SYNC =
            with(
                    new ReplicaRules() {
                        @Override
                        long beginsAfter(long epochRecord) {
                            return 0;
                        }
                    });

    /// Members of the epoch before may go when one member has begun the next.
    public static final Product LETS_MEMBERS_GO_TOO_SOON =
            with(
                    new ReplicaRules() {
                        @Override
                        int settledWith(int majority) {
                            return 1;
                        }
                    });

    /// Takes everybody for the client that a request says it is of.
    public static final Product BELIEVES_ANY_PROOF =
            new Product() {
                @Override
                public Replica createReplica(
                        ReplicaOptions options,
                        OrderingProvider<?, ?> provider,
                        OrderingProviders others,
                        StateMachine machine,
                        ReplicaPorts ports) {
                    Trust trust = ports.trust();
                    Trust credulous =
                            new Trust(
                                    trust.credentials(),
                                    trust.checks(),
                                    new AnyProof(trust.requests()));
                    return Replica.create(
                            options, provider, others, machine, ports.withTrust(credulous));
                }
            };

    private record AnyProof(Trust.Requests honest) implements Trust.Requests {
        @Override
        public boolean areSigned() {
            return honest.areSigned();
        }

        @Override
        public boolean isOf(long epoch, Bytes proof) {
            return honest.isOf(epoch, proof);
        }

        @Override
        public int clientOf(long epoch, int frameKind, Bytes content, Bytes proof) {
            int client = honest.clientOf(epoch, frameKind, content, proof);
            return client > 0 ? client : 1;
        }
    }

    private BrokenReplicas() {}

    private static Product with(ReplicaRules rules) {
        return each(_ -> rules);
    }

    private static Product each(Function<ReplicaOptions, ReplicaRules> rules) {
        return new Product() {
            @Override
            public Replica createReplica(
                    ReplicaOptions options,
                    OrderingProvider<?, ?> provider,
                    OrderingProviders others,
                    StateMachine machine,
                    ReplicaPorts ports) {
                return Replica.create(
                        options, provider, others, machine, ports, rules.apply(options));
            }
        };
    }
}
