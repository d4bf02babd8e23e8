package dev.lockstep.cli.soak;

import dev.lockstep.testkit.disk.DiskBound;
import dev.lockstep.testkit.disk.DiskUsage;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// How much the data directories of the replicas take up while a run lasts, as a picture.
///
/// Threading: an own thread looks; the rest is its creator's.
final class DiskUse implements AutoCloseable {

    private static final long LOOK_NANOS = 500_000_000L;
    private static final double SECOND_NANOS = 1e9;

    private static final int WIDTH = 900;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int TOP = 40;
    private static final int RIGHT = 110;
    private static final int BOTTOM = 45;
    private static final String[] COLOURS = {"#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#b8860b"};

    /// @param seconds since the beginning
    /// @param bytes by replica
    record Sample(double seconds, List<Long> bytes) {
        Sample {
            bytes = List.copyOf(bytes);
        }
    }

    private final List<Path> directories;
    private final DiskBound bound;

    /// By replica: what the largest snapshot has taken up so far. Guarded by the samples.
    private final long[] stateBytes;

    /// What the first look that saw too much has to say; empty before. Guarded by the samples.
    private String exceeded = "";
    private final long begunAt = System.nanoTime();
    private final List<Sample> samples = new ArrayList<>();
    private final Thread looking;
    private volatile boolean ended;

    /// @param directories of the replicas, in the order of their numbers
    /// @param bound for each of them
    DiskUse(List<Path> directories, DiskBound bound) {
        this.directories = List.copyOf(directories);
        this.bound = bound;
        this.stateBytes = new long[directories.size()];
        this.looking = Thread.ofPlatform().daemon().name("disk-use").start(this::look);
    }

    private void look() {
        while (!ended) {
            List<DiskUsage> usages = directories.stream().map(DiskUse::in).toList();
            synchronized (samples) {
                List<Long> bytes = usages.stream().map(DiskUsage::total).toList();
                samples.add(new Sample((System.nanoTime() - begunAt) / SECOND_NANOS, bytes));
                for (int replica = 0; replica < usages.size(); replica++) {
                    judge(replica, usages.get(replica));
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void judge(int replica, DiskUsage usage) {
        stateBytes[replica] = Math.max(stateBytes[replica], usage.largest());
        String sentence = bound.exceeded(usage, stateBytes[replica]).orElse("");
        if (exceeded.isEmpty() && !sentence.isEmpty()) {
            exceeded = "the data directory of replica " + (replica + 1) + " has " + sentence;
        }
    }

    /// What was seen that is more than there may be, a sentence; empty if nothing was.
    String exceeded() {
        synchronized (samples) {
            return exceeded;
        }
    }

    /// How many times it has looked.
    int looks() {
        synchronized (samples) {
            return samples.size();
        }
    }

    /// The directories are those of new replicas, which have no snapshot yet.
    void beginAnew() {
        synchronized (samples) {
            Arrays.fill(stateBytes, 0);
        }
    }

    /// What its files take up; one that is removed meanwhile counts as nothing.
    static DiskUsage in(Path directory) {
        TreeMap<String, Long> sizes = new TreeMap<>();
        File[] files = directory.toFile().listFiles();
        for (File file : files == null ? new File[0] : files) {
            sizes.put(file.getName(), file.length());
        }
        return DiskUsage.of(sizes);
    }

    /// Looks no more.
    @Override
    public void close() {
        ended = true;
        LockSupport.unpark(looking);
    }

    void draw(Path file) throws IOException {
        List<Sample> seen;
        synchronized (samples) {
            seen = List.copyOf(samples);
        }
        Files.writeString(file, drawing(seen));
    }

    static String drawing(List<Sample> samples) {
        double seconds = samples.isEmpty() ? 1 : Math.max(1, samples.getLast().seconds());
        long most = 1 << 20;
        for (Sample sample : samples) {
            for (long bytes : sample.bytes()) {
                most = Math.max(most, bytes);
            }
        }
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                        + "<text x=\"%d\" y=\"22\" font-size=\"15\">Data directories, MiB</text>%n",
                WIDTH,
                HEIGHT,
                LEFT);
        int steps = 5;
        for (int i = 0; i <= steps; i++) {
            double share = i / (double) steps;
            double y = y(share);
            add(
                    svg,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>%n",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    y,
                    LEFT - 8,
                    y + 4,
                    share * most / (1 << 20));
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.1f min</text>%n",
                    x(share),
                    HEIGHT - BOTTOM + 20,
                    share * seconds / 60);
        }
        int replicas = samples.isEmpty() ? 0 : samples.getFirst().bytes().size();
        for (int replica = 0; replica < replicas; replica++) {
            String colour = COLOURS[replica % COLOURS.length];
            svg.append("<polyline fill=\"none\" stroke=\"").append(colour).append("\" points=\"");
            for (Sample sample : samples) {
                add(
                        svg,
                        "%.1f,%.1f ",
                        x(sample.seconds() / seconds),
                        y(sample.bytes().get(replica) / (double) most));
            }
            add(
                    svg,
                    "\"/>%n<text x=\"%d\" y=\"%d\" fill=\"%s\">replica %d</text>%n",
                    WIDTH - RIGHT + 12,
                    TOP + 12 + 18 * replica,
                    colour,
                    replica + 1);
        }
        return svg.append("</svg>\n").toString();
    }

    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency of its own.
    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    private static double x(double share) {
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }
}
