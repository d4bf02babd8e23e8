package dev.lockstep.testkit.simulator;

/// Clients that do what a scenario says.
///
/// The first client is the simulator's own. It opens a session once all is healed, which shows that
/// commands are executed again without knowing what commands the service has.
final class Stage implements Demand {

    /// Of one run, with the simulator's own.
    static final int MOST_CLIENTS = 64;

    private static final long MS = 1_000_000L;

    /// Hours of an idle cluster; a loop without end would say nothing for ever.
    private static final long MOST_EVENTS = 5_000_000;

    /// Nothing breaks by itself any more after this time.
    private static final long WEATHER_NANOS = 8_000 * MS;

    private final SimulatedCluster cluster;
    private final Scenario scenario;
    private final Nemesis nemesis;

    Stage(SimulatedCluster cluster, Scenario scenario, Nemesis nemesis) {
        this.cluster = cluster;
        this.scenario = scenario;
        this.nemesis = nemesis;
    }

    /// What a scenario's own code threw and on which lines; empty if it is something that was found
    /// while time passed, which lines say nothing about.
    static String placeOf(Throwable thrown) {
        StringBuilder place = new StringBuilder(thrown.getClass().getName());
        for (StackTraceElement frame : thrown.getStackTrace()) {
            String type = frame.getClassName();
            if (type.equals(Timeline.class.getName())) {
                return "";
            }
            if (type.equals(Stage.class.getName())) {
                return place.toString();
            }
            if (!type.startsWith("java.") && !type.startsWith("jdk.")) {
                place.append('\n').append(type).append(':').append(frame.getLineNumber());
            }
        }
        return "";
    }

    @Override
    public void begin() {
        cluster.world().timeline.endWithin(MOST_EVENTS);
        long untilNanos = cluster.world().script.untilNanos();
        cluster.begin(Math.min(WEATHER_NANOS, untilNanos), nemesis::tire);
    }

    @Override
    public void pass() throws Exception {
        scenario.play(cluster);
        cluster.conclude();
    }

    @Override
    public void finish() {
        cluster.probe();
    }

    @Override
    public boolean isFinished() {
        return cluster.hasAnsweredAll();
    }
}
