package dev.lockstep.testkit.simulator;

import java.util.Set;

/// How bad the world is in one run: drawn from the seed, so that some runs are calm and some are
/// awful, and every fault also occurs without the others (swarm testing; Groce et al. 2012).
///
/// Intervals are means in nanoseconds of simulated time; [Chance#NEVER] for never.
record Weather(Net net, Disk disk, Process process, Clock clock, Load load) {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    /// What orders must bear without being told; for two clocks it is twice as much.
    static final long MOST_DRIFT_PPM = 30_000;

    /// @param streams true if a connection loses nothing but its end, as TCP; false if any frame
    /// may
    ///     be lost, repeated or overtaken, as the seam of protocols allows
    /// @param loss probability that a frame is lost; with streams, that the connection ends there
    /// @param duplication probability that a frame arrives twice, without streams; and that frames
    ///     of the last connection arrive once more in the next
    /// @param delayNanos mean delay of a frame
    /// @param slow probability that a frame is much slower
    /// @param partitionEvery a partition begins
    /// @param slowLinkEvery what some replicas send to others begins to take long
    /// @param resetEvery a connection ends although both processes live
    /// @param clientResetEvery a client's connection ends
    /// @param quantumNanos arrivals coincide on multiples of this
    record Net(
            boolean streams,
            double loss,
            double duplication,
            long delayNanos,
            double slow,
            long partitionEvery,
            long slowLinkEvery,
            long resetEvery,
            long clientResetEvery,
            long quantumNanos) {}

    /// @param syncs false for `durability: os`; there are no power failures then
    /// @param syncNanos mean time of a sync
    /// @param slow probability that a sync is much slower
    /// @param blocks true if the replica waits for its disk, as with a journal written inline
    /// @param fullEvery a disk fills up
    /// @param errorEvery a sync fails
    /// @param slowEvery a disk becomes slow for a while
    /// @param segmentBytes the size of the journal's segments
    /// @param rotEvery a machine goes down and a bit of its disk flips
    record Disk(
            boolean syncs,
            long syncNanos,
            double slow,
            boolean blocks,
            long fullEvery,
            long errorEvery,
            long slowEvery,
            int segmentBytes,
            long rotEvery) {}

    /// @param crashEvery a process dies
    /// @param powerFailures probability that a crash takes the machine's memory too
    /// @param all probability that a crash hits all replicas at once
    /// @param downNanos mean time until the process is started again
    /// @param pauseEvery a process stands still, as in a long garbage collection or after SIGSTOP
    /// @param pauseNanos mean length of that
    /// @param leaveEvery a process is stopped in good order
    /// @param hunted probability that a fault hits the best entry, whom all depend on
    /// @param ambush probability that a new best entry is hit in the moments after it became that
    /// @param siegeEvery one best entry after the other is hit for a while
    /// @param exileEvery the best entry is cut off from all but its clients
    record Process(
            long crashEvery,
            double powerFailures,
            double all,
            long downNanos,
            long pauseEvery,
            long pauseNanos,
            long leaveEvery,
            double hunted,
            double ambush,
            long siegeEvery,
            long exileEvery) {}

    /// @param skewNanos how far wall clocks are off at most
    /// @param driftPpm how much monotonic clocks differ from true time at most
    /// @param jumpEvery a wall clock jumps or stands still
    /// @param rateEvery monotonic clocks begin to run at other rates
    record Clock(long skewNanos, long driftPpm, long jumpEvery, long rateEvery) {}

    /// @param clients how many clients
    /// @param thinkNanos mean pause of a client between operations
    /// @param pipeline how many operations of a client may be under way
    /// @param sessionTimeoutNanos the clients' sessions
    /// @param impatience probability that an operation's deadline is short
    /// @param queries share of queries
    /// @param haveRoles true if every other client only asks queries
    /// @param abandonEvery a client goes away without a word and another comes
    /// @param closeEvery a client closes its session and another comes
    /// @param slowReaderEvery a client leaves its replies unread for a while
    /// @param rush probability that clients ask much in a short time when there is a new best entry
    /// @param retryNanos silence after which clients turn to another replica
    /// @param stays share of clients that stay where they are, wherever the cluster says that they
    ///     are served best; the product's stay nowhere
    /// @param beside true if there is a client beside every replica, which asks no other while that
    ///     one answers
    /// @param neighbours true if there is one more for every replica, which asks no other ever
    record Load(
            int clients,
            long thinkNanos,
            int pipeline,
            long sessionTimeoutNanos,
            double impatience,
            double queries,
            boolean haveRoles,
            long abandonEvery,
            long closeEvery,
            long slowReaderEvery,
            double rush,
            long retryNanos,
            double stays,
            boolean beside,
            boolean neighbours) {

        /// The most operations of a client under way in a test that says itself what clients do.
        private static final int SCRIPTED_PIPELINE = 1024;

        /// One client of the simulator's own, and no client that goes away by itself.
        private Load scripted() {
            return new Load(
                    1,
                    thinkNanos,
                    SCRIPTED_PIPELINE,
                    60 * SECOND,
                    0,
                    0,
                    false,
                    Chance.NEVER,
                    Chance.NEVER,
                    slowReaderEvery,
                    0,
                    retryNanos,
                    0,
                    false,
                    false);
        }

        /// The others leave room for them.
        private Load withNeighbours() {
            return new Load(
                    clients,
                    8 * thinkNanos,
                    pipeline,
                    sessionTimeoutNanos,
                    impatience,
                    queries,
                    haveRoles,
                    abandonEvery,
                    closeEvery,
                    slowReaderEvery,
                    rush,
                    retryNanos,
                    stays,
                    beside,
                    true);
        }

        private Load calm() {
            return new Load(
                    clients,
                    thinkNanos,
                    pipeline,
                    sessionTimeoutNanos,
                    impatience,
                    queries,
                    haveRoles,
                    abandonEvery,
                    closeEvery,
                    Chance.NEVER,
                    rush,
                    retryNanos,
                    stays,
                    beside,
                    neighbours);
        }
    }

    static Weather draw(Chance chance) {
        Weather drawn =
                new Weather(
                        drawNet(chance),
                        drawDisk(chance),
                        drawProcess(chance),
                        drawClock(chance),
                        drawLoad(chance));
        Weather all =
                switch (chance.below(12)) {
                    case 0, 1, 2, 3 -> drawn.stormy(chance);
                    case 4 -> drawn.exiling(chance);
                    default -> drawn;
                };
        all = all.rotting(sometimes(chance, 6, 300 * MS, 3 * SECOND));
        return chance.oneIn(3) ? all.withClientsBesideReplicas() : all;
    }

    /// The same, but the best entry is cut off again and again and has clients to the end. Little
    /// else goes wrong, so that there is a best entry most of the time, and what is late is seldom
    /// lost with its connection.
    private Weather exiling(Chance chance) {
        Net exilingNet =
                new Net(
                        net.streams() && chance.oneIn(3),
                        net.loss() / 10,
                        net.duplication(),
                        Math.min(net.delayNanos(), MS),
                        net.slow() / 10,
                        Chance.NEVER,
                        Chance.NEVER,
                        net.resetEvery(),
                        net.clientResetEvery(),
                        net.quantumNanos());
        Process exilingProcess =
                new Process(
                        Math.max(process.crashEvery(), SECOND),
                        process.powerFailures(),
                        0,
                        Math.min(process.downNanos(), 50 * MS),
                        Chance.NEVER,
                        process.pauseNanos(),
                        Chance.NEVER,
                        process.hunted(),
                        0,
                        Chance.NEVER,
                        chance.anywhere(30 * MS, 200 * MS));
        Clock exilingClock =
                new Clock(
                        clock.skewNanos(),
                        chance.oneIn(8) ? clock.driftPpm() : MOST_DRIFT_PPM,
                        clock.jumpEvery(),
                        Chance.NEVER);
        return new Weather(exilingNet, disk, exilingProcess, exilingClock, load.withNeighbours());
    }

    /// The same, but with one fault after the other before anybody has recovered from the last:
    /// what elections and their like must bear.
    private Weather stormy(Chance chance) {
        long every = chance.anywhere(30 * MS, 400 * MS);
        boolean crashes = chance.oneIn(2);
        boolean partitions = !crashes || chance.oneIn(2);
        Net stormyNet =
                new Net(
                        net.streams(),
                        net.loss(),
                        net.duplication(),
                        net.delayNanos(),
                        net.slow(),
                        partitions ? every : net.partitionEvery(),
                        net.slowLinkEvery(),
                        net.resetEvery(),
                        net.clientResetEvery(),
                        net.quantumNanos());
        Process stormyProcess =
                new Process(
                        crashes ? every : process.crashEvery(),
                        process.powerFailures(),
                        process.all(),
                        chance.anywhere(MS, 200 * MS),
                        process.pauseEvery(),
                        process.pauseNanos(),
                        process.leaveEvery(),
                        0.8,
                        chance.oneIn(2) ? 0.7 : 0,
                        process.siegeEvery(),
                        process.exileEvery());
        return new Weather(stormyNet, disk, stormyProcess, clock, load);
    }

    private Weather withClientsBesideReplicas() {
        Load beside =
                new Load(
                        load.clients(),
                        load.thinkNanos(),
                        load.pipeline(),
                        load.sessionTimeoutNanos(),
                        load.impatience(),
                        load.queries(),
                        load.haveRoles(),
                        load.abandonEvery(),
                        load.closeEvery(),
                        load.slowReaderEvery(),
                        Math.max(load.rush(), 0.5),
                        load.retryNanos(),
                        load.stays(),
                        true,
                        load.neighbours());
        return new Weather(net, disk, process, clock, beside);
    }

    /// The same without those who ask one replica only.
    Weather withoutNeighbours() {
        Load others =
                new Load(
                        load.clients(),
                        load.thinkNanos(),
                        load.pipeline(),
                        load.sessionTimeoutNanos(),
                        load.impatience(),
                        load.queries(),
                        load.haveRoles(),
                        load.abandonEvery(),
                        load.closeEvery(),
                        load.slowReaderEvery(),
                        load.rush(),
                        load.retryNanos(),
                        load.stays(),
                        load.beside(),
                        false);
        return new Weather(net, disk, process, clock, others);
    }

    private Weather rotting(long every) {
        Disk rotting =
                new Disk(
                        disk.syncs(),
                        disk.syncNanos(),
                        disk.slow(),
                        disk.blocks(),
                        disk.fullEvery(),
                        disk.errorEvery(),
                        disk.slowEvery(),
                        disk.segmentBytes(),
                        every);
        return new Weather(net, rotting, process, clock, load);
    }

    /// Nothing goes wrong; delays, disks and clocks differ from run to run all the same.
    static Weather calm(Chance chance) {
        return new Weather(
                new Net(
                        true,
                        0,
                        0,
                        chance.anywhere(30_000, MS),
                        0,
                        Chance.NEVER,
                        Chance.NEVER,
                        Chance.NEVER,
                        Chance.NEVER,
                        chance.oneIn(4) ? MS : 1),
                new Disk(
                        true,
                        chance.anywhere(20_000, 5 * MS),
                        0,
                        chance.oneIn(2),
                        Chance.NEVER,
                        Chance.NEVER,
                        Chance.NEVER,
                        (int) chance.anywhere(4 << 10, 32 << 10),
                        Chance.NEVER),
                new Process(
                        Chance.NEVER,
                        0,
                        0,
                        SECOND,
                        Chance.NEVER,
                        MS,
                        Chance.NEVER,
                        0,
                        0,
                        Chance.NEVER,
                        Chance.NEVER),
                new Clock(
                        0,
                        chance.oneIn(2) ? 0 : chance.anywhere(1, MOST_DRIFT_PPM),
                        Chance.NEVER,
                        Chance.NEVER),
                drawLoad(chance).scripted().calm());
    }

    /// The same for a test that says itself what clients do, and at any time that machines lose
    /// power.
    Weather scripted() {
        Disk syncing =
                new Disk(
                        true,
                        disk.syncNanos(),
                        disk.slow(),
                        disk.blocks(),
                        disk.fullEvery(),
                        disk.errorEvery(),
                        disk.slowEvery(),
                        disk.segmentBytes(),
                        disk.rotEvery());
        return new Weather(net, syncing, process, clock, load.scripted());
    }

    /// The same, but for what is calm.
    Weather without(Set<Calm> calm) {
        if (calm.isEmpty()) {
            return this;
        }
        Net calmNet =
                new Net(
                        net.streams(),
                        calm.contains(Calm.LOSS) ? 0 : net.loss(),
                        calm.contains(Calm.DUPLICATION) ? 0 : net.duplication(),
                        net.delayNanos(),
                        calm.contains(Calm.SLOW_FRAMES) ? 0 : net.slow(),
                        net.partitionEvery(),
                        net.slowLinkEvery(),
                        net.resetEvery(),
                        net.clientResetEvery(),
                        calm.contains(Calm.COINCIDENCE) ? 1 : net.quantumNanos());
        Disk calmDisk =
                new Disk(
                        disk.syncs(),
                        disk.syncNanos(),
                        calm.contains(Calm.SLOW_SYNCS) ? 0 : disk.slow(),
                        disk.blocks() && !calm.contains(Calm.BLOCKING_DISKS),
                        disk.fullEvery(),
                        disk.errorEvery(),
                        disk.slowEvery(),
                        disk.segmentBytes(),
                        disk.rotEvery());
        Clock calmClock =
                new Clock(
                        calm.contains(Calm.SKEW) ? 0 : clock.skewNanos(),
                        calm.contains(Calm.DRIFT) ? 0 : clock.driftPpm(),
                        clock.jumpEvery(),
                        clock.rateEvery());
        Load calmLoad =
                new Load(
                        load.clients(),
                        load.thinkNanos(),
                        calm.contains(Calm.PIPELINE) ? 1 : load.pipeline(),
                        load.sessionTimeoutNanos(),
                        calm.contains(Calm.IMPATIENCE) ? 0 : load.impatience(),
                        load.queries(),
                        load.haveRoles(),
                        load.abandonEvery(),
                        load.closeEvery(),
                        load.slowReaderEvery(),
                        load.rush(),
                        load.retryNanos(),
                        load.stays(),
                        load.beside(),
                        load.neighbours());
        return new Weather(calmNet, calmDisk, process, calmClock, calmLoad);
    }

    /// True if nothing can be lost that was written.
    boolean hasPowerFailures() {
        return disk.syncs() && process.powerFailures() > 0;
    }

    private static long sometimes(Chance chance, int oneIn, long least, long most) {
        return chance.oneIn(oneIn) ? chance.anywhere(least, most) : Chance.NEVER;
    }

    private static Net drawNet(Chance chance) {
        boolean streams = chance.oneIn(2);
        boolean loses = chance.oneIn(3);
        double loss = loses ? chance.random().nextDouble() * (streams ? 0.005 : 0.1) : 0;
        boolean repeats = !streams && chance.oneIn(2);
        return new Net(
                streams,
                loss,
                repeats ? chance.random().nextDouble() * 0.1 : 0,
                chance.anywhere(30_000, chance.oneIn(4) ? 20 * MS : MS),
                chance.oneIn(3) ? chance.random().nextDouble() * 0.02 : 0,
                sometimes(chance, 2, 200 * MS, 3 * SECOND),
                sometimes(chance, 4, 200 * MS, 3 * SECOND),
                sometimes(chance, 3, 100 * MS, 2 * SECOND),
                sometimes(chance, 3, 100 * MS, 2 * SECOND),
                chance.oneIn(4) ? MS : 1);
    }

    private static Disk drawDisk(Chance chance) {
        return new Disk(
                !chance.oneIn(8),
                chance.anywhere(20_000, 5 * MS),
                chance.oneIn(3) ? chance.random().nextDouble() * 0.05 : 0,
                chance.oneIn(2),
                sometimes(chance, 6, 500 * MS, 3 * SECOND),
                sometimes(chance, 6, 500 * MS, 5 * SECOND),
                sometimes(chance, 4, 200 * MS, 2 * SECOND),
                (int) chance.anywhere(4 << 10, 32 << 10),
                Chance.NEVER);
    }

    private static Process drawProcess(Chance chance) {
        return new Process(
                chance.oneIn(4) ? Chance.NEVER : chance.anywhere(150 * MS, 3 * SECOND),
                chance.oneIn(4) ? 0 : 0.5 + 0.5 * chance.random().nextDouble(),
                chance.oneIn(2) ? 0.1 : 0,
                chance.anywhere(5 * MS, SECOND),
                sometimes(chance, 3, 200 * MS, 3 * SECOND),
                chance.anywhere(20 * MS, 600 * MS),
                sometimes(chance, 3, 300 * MS, 3 * SECOND),
                chance.oneIn(2) ? 0 : 0.5,
                chance.oneIn(3) ? 0.7 * chance.random().nextDouble() : 0,
                sometimes(chance, 2, 100 * MS, 2 * SECOND),
                Chance.NEVER);
    }

    private static Clock drawClock(Chance chance) {
        return new Clock(
                chance.oneIn(2) ? 0 : chance.anywhere(MS, 3 * SECOND),
                chance.oneIn(3)
                        ? 0
                        : chance.oneIn(4) ? chance.anywhere(1, MOST_DRIFT_PPM) : MOST_DRIFT_PPM,
                sometimes(chance, 3, 200 * MS, 2 * SECOND),
                sometimes(chance, 2, 200 * MS, 2 * SECOND));
    }

    private static Load drawLoad(Chance chance) {
        int clients = 1 + chance.below(5);
        return new Load(
                clients,
                clients * chance.anywhere(4 * MS, 30 * MS),
                1 + chance.below(chance.oneIn(2) ? 1 : 12),
                chance.oneIn(3) ? chance.anywhere(SECOND, 3 * SECOND) : 60 * SECOND,
                chance.oneIn(3) ? 0.3 * chance.random().nextDouble() : 0,
                0.1 + 0.5 * chance.random().nextDouble(),
                chance.oneIn(2),
                sometimes(chance, 3, 300 * MS, 3 * SECOND),
                sometimes(chance, 3, 300 * MS, 3 * SECOND),
                sometimes(chance, 3, 200 * MS, 2 * SECOND),
                chance.oneIn(3) ? 0 : chance.random().nextDouble(),
                chance.anywhere(300 * MS, 2 * SECOND),
                chance.oneIn(4) ? 0.25 : 0.8,
                false,
                false);
    }
}
