package dev.lockstep.bench;

import dev.lockstep.cli.Console;
import dev.lockstep.cli.Table;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.net.keys.KeyOwner;
import dev.lockstep.net.keys.KeyRing;
import dev.lockstep.net.keys.RequestDomain;
import dev.lockstep.net.keys.RequestVerifier;
import dev.lockstep.net.keys.SignatureLibrary;
import dev.lockstep.net.keys.SignatureProvider;
import dev.lockstep.net.keys.SignedRequests;
import dev.lockstep.net.keys.SigningKey;
import dev.lockstep.net.keys.VerifyingKey;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;

/// `lockstep bench signatures`: what a signature costs on one core, with every library.
@Command(
        name = "signatures",
        description = {
            "Measures on one core, with every library that is here: to sign a vote and to check it,"
                    + " and what a client's request costs in bursts of 1, 16 and 256, where one"
                    + " signature is made and checked for all of them.",
            "",
            "Each figure is the median of several windows, in microseconds of this thread's processor"
                    + " time, so that what else runs on the machine counts for little."
        })
final class SignaturesCommand implements Callable<Integer> {

    private static final int VOTE_BYTES = 96;
    private static final int REQUEST_BYTES = 24 + 16 + 128;
    private static final List<Integer> BURSTS = List.of(1, 16, 256);
    private static final int CLIENT = 1;
    private static final int PREPARED = 64;
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--millis",
            paramLabel = "N",
            defaultValue = "400",
            description = "Length of a window. Default: ${DEFAULT-VALUE}")
    private int millis = 400;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            defaultValue = "7",
            description = "Windows of a figure, after two to warm up. Default: ${DEFAULT-VALUE}")
    private int repetitions = 7;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Map<String, Map<String, Double>> all = new LinkedHashMap<>();
        for (SignatureProvider provider : SignatureProvider.values()) {
            if (provider.isAvailable()) {
                all.put(provider.word(), figures(SignatureLibrary.open(provider)));
            }
        }
        Console console = Console.of(spec);
        if (json) {
            console.json(all);
            return 0;
        }
        List<String> headings = new ArrayList<>(List.of("µs"));
        headings.addAll(all.keySet());
        Table table = new Table(headings.toArray(String[]::new));
        for (String figure : all.values().iterator().next().keySet()) {
            List<String> row = new ArrayList<>(List.of(figure));
            all.values()
                    .forEach(
                            each ->
                                    row.add(
                                            String.format(
                                                    Locale.ROOT,
                                                    "%.1f",
                                                    each.getOrDefault(figure, 0.0))));
            table.row(row.toArray());
        }
        table.lines().forEach(line -> console.line("%s", line));
        return 0;
    }

    private Map<String, Double> figures(SignatureLibrary library) {
        Map<String, Double> figures = new LinkedHashMap<>();
        Random random = new Random(1);
        SigningKey key = library.signingKey(bytes(random, 32));
        VerifyingKey verifying = library.verifyingKey(key.publicKey());
        Bytes[] votes = new Bytes[PREPARED];
        Arrays.setAll(votes, _ -> bytes(random, VOTE_BYTES));
        Bytes[] signatures = new Bytes[PREPARED];
        Arrays.setAll(signatures, i -> key.sign(votes[i]));
        figures.put("sign a vote", median(i -> key.sign(votes[i]).size(), 1));
        figures.put(
                "check a vote",
                median(i -> verifying.isGenuine(votes[i], signatures[i]) ? 1 : 0, 1));
        KeyRing ring =
                KeyRing.empty(new ClusterId(1, 2))
                        .with(
                                new KeyRing.Entry(
                                        KeyOwner.client(CLIENT), Epoch.FIRST, key.publicKey()));
        RequestDomain domain = new RequestDomain('A', ring.cluster(), Epoch.FIRST);
        SignedRequests signer = new SignedRequests(domain, CLIENT, key);
        RequestVerifier verifier = new RequestVerifier(library, ring, domain);
        for (int size : BURSTS) {
            List<List<SignedRequests.Unsigned>> bursts = new ArrayList<>();
            List<List<Bytes>> proofs = new ArrayList<>();
            for (int i = 0; i < PREPARED; i++) {
                List<SignedRequests.Unsigned> burst = new ArrayList<>();
                for (int j = 0; j < size; j++) {
                    burst.add(
                            new SignedRequests.Unsigned(
                                    FrameKind.COMMAND, bytes(random, REQUEST_BYTES)));
                }
                bursts.add(burst);
                proofs.add(signer.prove(burst));
            }
            figures.put(
                    "sign a request, burst of " + size,
                    median(i -> signer.prove(bursts.get(i)).size(), size));
            figures.put(
                    "check a request, burst of " + size,
                    median(i -> checked(verifier, bursts.get(i), proofs.get(i)), size));
        }
        return figures;
    }

    private static int checked(
            RequestVerifier verifier, List<SignedRequests.Unsigned> burst, List<Bytes> proofs) {
        verifier.forget();
        int good = 0;
        for (int i = 0; i < burst.size(); i++) {
            SignedRequests.Unsigned request = burst.get(i);
            good +=
                    verifier.clientOf(request.frameKind(), request.content(), proofs.get(i))
                                    .isPresent()
                            ? 1
                            : 0;
        }
        return good;
    }

    private static Bytes bytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /// What is measured, with one of the prepared inputs; what it returns is positive.
    @FunctionalInterface
    private interface Measured {
        int run(int index);
    }

    /// Microseconds for one of the `parts` that a run consists of.
    private double median(Measured measured, int parts) {
        List<Double> windows = new ArrayList<>();
        for (int window = -2; window < repetitions; window++) {
            long runs = 0;
            long begun = CPU.getCurrentThreadCpuTime();
            long end = System.nanoTime() + millis * 1_000_000L;
            while (runs == 0 || System.nanoTime() - end < 0) {
                if (measured.run((int) (runs % PREPARED)) <= 0) {
                    throw new IllegalStateException("a good signature does not count");
                }
                runs++;
            }
            if (window >= 0) {
                long spent = CPU.getCurrentThreadCpuTime() - begun;
                windows.add(spent / 1e3 / runs / parts);
            }
        }
        return Measurement.median(windows);
    }
}
