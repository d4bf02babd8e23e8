package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.net.keys.KeyOwner;
import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.net.keys.KeyRing;
import dev.lockstep.net.keys.KeyStore;
import dev.lockstep.net.keys.SignatureLibrary;
import dev.lockstep.net.keys.SignatureProvider;
import dev.lockstep.node.ClusterKeys;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.node.SignatureConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep keys`: what the members and clients of a cluster sign with.
@Command(
        name = "keys",
        description = {
            "Makes and shows the keys with which members and clients of a cluster sign.",
            "",
            "A private key stays on the machine where it was made, in a directory that is its"
                    + " owner's alone. All public keys are in one file, which is the same on every"
                    + " machine: files of several machines are put together by appending one to the"
                    + " other. cluster.yaml says where both are, under 'signatures'.",
            "",
            "A private key is never written over, and every command may be given again."
        },
        subcommands = {KeysCommand.Init.class, KeysCommand.Show.class, KeysCommand.Rotate.class},
        footer = {
            "",
            "Examples:",
            "  lockstep keys init                     one for every member, all here, and",
            "                                         with faults: byzantine for client 1",
            "  lockstep keys init --id 2              on the machine of replica 2",
            "  lockstep keys init --client 7          for a client",
            "  lockstep keys show                     whose they are, and what is here",
            "  lockstep keys rotate --id 2 --from-epoch 5",
            "                                         another one from epoch 5 on"
        })
final class KeysCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "Say what to do: init, show or rotate.");
    }

    /// Where the keys of a cluster are, and whose are meant.
    static final class Whose {

        private static final int SHOWN_DIGITS = 16;

        @Spec(Target.MIXEE)
        private @Nullable CommandSpec spec;

        @Mixin private ConfigOption config = new ConfigOption();

        @Option(
                names = "--id",
                paramLabel = "ID",
                split = ",",
                description = "The key of this replica; several with commas between.")
        private List<Integer> ids = List.of();

        @Option(
                names = "--client",
                paramLabel = "N",
                split = ",",
                description = "The key of the client with this number, from 1, which you choose.")
        private List<Integer> clients = List.of();

        @Option(
                names = "--operator",
                paramLabel = "N",
                split = ",",
                description =
                        "The key of the operator with this number, from 1, which you choose: who"
                                + " changes members.")
        private List<Integer> operators = List.of();

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        NodeConfig load() {
            return ClusterFile.load(config.file());
        }

        /// The cluster's id: from cluster.yaml, or else from the public keys that are there.
        ClusterId cluster(NodeConfig any) {
            ClusterId named = any.clusterId();
            KeyStore store = any.signatures().keys();
            if (named == null && !store.hasRing()) {
                throw new OperatorException(
                        "%s does not say which cluster it is: write cluster: and its id, which 'lockstep init --new' draws"
                                .formatted(any.source()));
            }
            return named == null ? store.ring().cluster() : named;
        }

        /// Those that the command line names; empty if it names none.
        List<KeyOwner> named(NodeConfig any) {
            List<KeyOwner> owners = new ArrayList<>();
            for (int id : ids) {
                if (any.members().stream().noneMatch(member -> member.id().value() == id)) {
                    throw wrong(
                            "Replica %d is not one of the members in %s."
                                    .formatted(id, any.source()));
                }
                owners.add(KeyOwner.replica(new ReplicaId(id)));
            }
            for (int client : clients) {
                if (client < 1) {
                    throw wrong("--client is " + client + "; the numbers of clients begin at 1.");
                }
                owners.add(KeyOwner.client(client));
            }
            for (int operator : operators) {
                if (operator < 1) {
                    throw wrong(
                            "--operator is " + operator + "; the numbers of operators begin at 1.");
                }
                owners.add(KeyOwner.operator(operator));
            }
            return owners;
        }

        ParameterException wrong(String sentence) {
            return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
        }

        Epoch epoch(long number) {
            if (number < 1) {
                throw wrong("--from-epoch is " + number + "; epochs begin at 1.");
            }
            return new Epoch(number);
        }

        /// Says what was made, and what was there.
        void tell(Console console, NodeConfig any, List<KeyStore.Kept> keys) {
            SignatureConfig signatures = any.signatures();
            if (json) {
                Map<String, Object> page = asJson(any, signatures.keys().ring());
                page.put("keys", keys.stream().map(Whose::asJson).toList());
                console.json(page);
                return;
            }
            for (KeyStore.Kept kept : keys) {
                console.line(
                        "%s: %s; its private half is %s%s",
                        kept.isNew() ? "Made" : "There already",
                        kept.entry(),
                        kept.file(),
                        kept.isNew() ? "" : ", unchanged");
            }
            console.line(
                    "The public keys are in %s: have the same lines on every machine.",
                    signatures.keys().publicKeys());
            if (!signatures.provider().isAvailable()) {
                console.line(
                        "This machine cannot sign with %s, which %s pins: no member can run here.",
                        signatures.provider().word(), any.source());
            }
        }

        private static Map<String, Object> asJson(KeyStore.Kept kept) {
            Map<String, Object> fields = asJson(kept.entry());
            fields.put("privateKey", kept.file().toString());
            fields.put("isNew", kept.isNew());
            return fields;
        }

        static Map<String, Object> asJson(KeyRing.Entry entry) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("role", entry.owner().role().word());
            fields.put("number", entry.owner().number());
            fields.put("fromEpoch", entry.from().value());
            fields.put("publicKey", HexFormat.of().formatHex(entry.key().toByteArray()));
            return fields;
        }

        static Map<String, Object> asJson(NodeConfig any, KeyRing ring) {
            SignatureConfig signatures = any.signatures();
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("cluster", ring.cluster().toString());
            page.put("provider", signatures.provider().word());
            page.put("providerAvailable", signatures.provider().isAvailable());
            page.put("publicKeys", signatures.keys().publicKeys().toString());
            page.put("privateKeys", signatures.keys().privateKeys().toString());
            page.put("digest", digest(any, ring));
            return page;
        }

        /// What is equal on two machines if library and public keys are, but for those of replicas
        /// that join later.
        static String digest(NodeConfig any, KeyRing ring) {
            List<ReplicaId> founders = any.founders().stream().map(MemberConfig::id).toList();
            byte[] digest =
                    ring.withReplicas(founders).digest(any.signatures().provider()).toByteArray();
            return HexFormat.of().formatHex(digest).substring(0, SHOWN_DIGITS);
        }
    }

    /// What works everywhere: the pinned one may be another machine's.
    private static SignatureLibrary library() {
        return SignatureLibrary.open(SignatureProvider.BOUNCY_CASTLE);
    }

    /// `lockstep keys init`.
    @Command(
            name = "init",
            description = {
                "Makes the first key of a replica, client or operator, or of every member if none"
                        + " is named, and adds its public half to the cluster's public keys. A key that"
                        + " is there stays as it is."
            })
    static final class Init implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private Whose whose = new Whose();

        @Option(
                names = "--from-epoch",
                paramLabel = "E",
                defaultValue = "1",
                description = "The first epoch in which it counts. Default: ${DEFAULT-VALUE}")
        private long fromEpoch = 1;

        @Override
        public Integer call() {
            NodeConfig any = whose.load();
            ClusterId cluster = whose.cluster(any);
            List<KeyOwner> owners = whose.named(any);
            if (owners.isEmpty()) {
                owners = ClusterKeys.owners(any);
            }
            Epoch from = whose.epoch(fromEpoch);
            SignatureLibrary library = library();
            List<KeyStore.Kept> kept = new ArrayList<>();
            for (KeyOwner owner : owners) {
                kept.add(any.signatures().keys().init(library, cluster, owner, from));
            }
            whose.tell(Console.of(spec), any, kept);
            return ExitCode.DONE;
        }
    }

    /// `lockstep keys rotate`.
    @Command(
            name = "rotate",
            description = {
                "Makes another key for a replica, client or operator, which counts from an epoch on"
                        + " that has not begun. Both keys stay: signatures are checked against the key"
                        + " of the epoch in which they were made.",
                "",
                "Have the new line on all machines before that epoch begins; remove the old private"
                        + " key when the epoch before it is past."
            })
    static final class Rotate implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private Whose whose = new Whose();

        @Option(
                names = "--from-epoch",
                paramLabel = "E",
                required = true,
                description =
                        "The first epoch in which it counts; 'lockstep status' says which it is"
                                + " now.")
        private long fromEpoch;

        @Override
        public Integer call() {
            NodeConfig any = whose.load();
            List<KeyOwner> owners = whose.named(any);
            if (owners.isEmpty()) {
                throw whose.wrong(
                        "Say whose key is to be another: --id ID, --client N or --operator N.");
            }
            ClusterId cluster = whose.cluster(any);
            Epoch from = whose.epoch(fromEpoch);
            SignatureLibrary library = library();
            List<KeyStore.Kept> kept = new ArrayList<>();
            for (KeyOwner owner : owners) {
                kept.add(any.signatures().keys().rotate(library, cluster, owner, from));
            }
            whose.tell(Console.of(spec), any, kept);
            return ExitCode.DONE;
        }
    }

    /// `lockstep keys show`.
    @Command(
            name = "show",
            description = {
                "Shows the public keys of the cluster, which of their private halves are on this"
                        + " machine, and whether those are in order.",
                "",
                "Exits with 1 if one that is here is not: it does not fit, or others can use it."
            })
    static final class Show implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private Whose whose = new Whose();

        @Override
        public Integer call() {
            NodeConfig any = whose.load();
            SignatureConfig signatures = any.signatures();
            List<KeyOwner> owners = whose.named(any);
            KeyRing ring = signatures.keys().ring();
            List<KeyRing.Entry> entries =
                    ring.entries().stream()
                            .filter(entry -> owners.isEmpty() || owners.contains(entry.owner()))
                            .toList();
            SignatureLibrary library = library();
            List<String> complaints = new ArrayList<>();
            Table table = new Table("whose", "from epoch", "public key", "private key");
            List<Map<String, Object>> rows = new ArrayList<>();
            for (KeyRing.Entry entry : entries) {
                String state = state(library, signatures.keys(), entry, complaints);
                Map<String, Object> row = Whose.asJson(entry);
                table.row(
                        entry.owner(),
                        entry.from(),
                        Objects.requireNonNull(row.get("publicKey")),
                        state);
                row.put("privateKey", state);
                rows.add(row);
            }
            Console console = Console.of(spec);
            if (whose.json) {
                Map<String, Object> page = Whose.asJson(any, ring);
                page.put("keys", rows);
                page.put("complaints", complaints);
                console.json(page);
            } else {
                table.lines().forEach(line -> console.line("%s", line));
                complaints.forEach(sentence -> console.line("%s.", sentence));
                console.line(
                        "Library %s%s; digest %s, the same on every machine that agrees.",
                        signatures.provider().word(),
                        signatures.provider().isAvailable() ? "" : " (not on this machine)",
                        Whose.digest(any, ring));
            }
            return complaints.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
        }

        private static String state(
                SignatureLibrary library,
                KeyStore store,
                KeyRing.Entry entry,
                List<String> complaints) {
            if (!store.hasPrivate(entry)) {
                return "elsewhere";
            }
            try {
                var _ = store.signingKey(library, entry);
                return "here";
            } catch (KeyRefusedException refused) {
                complaints.add(String.valueOf(refused.getMessage()));
                return "refused";
            }
        }
    }
}
