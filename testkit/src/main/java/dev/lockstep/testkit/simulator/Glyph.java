package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Happening.Sign;

/// How a [Diagram] marks what happens on a line.
///
/// @param words what the legend says
/// @param color of the mark
/// @param path its shape around 0, 0, in about nine pixels
/// @param isFilled false for an outline
/// @param isLabelled true if its text is always wanted, not only where there is room
record Glyph(String words, String color, String path, boolean isFilled, boolean isLabelled) {

    private static final String SQUARE = "M-3.5,-3.5H3.5V3.5H-3.5Z";
    private static final String DISC = "M-3.6,0A3.6,3.6 0 1 0 3.6,0A3.6,3.6 0 1 0 -3.6,0Z";
    private static final String CROSS = "M-4.5,-4.5L4.5,4.5M-4.5,4.5L4.5,-4.5";
    private static final String RIGHT = "M-4,-4.5L5,0L-4,4.5Z";
    private static final String UP = "M0,-6L5.5,4.5H-5.5Z";
    private static final String DOWN = "M0,6L5.5,-4.5H-5.5Z";
    private static final String DIAMOND = "M0,-5L5,0L0,5L-5,0Z";
    private static final String BOLT = "M1,-7L-4,1H0L-1,7L4,-1.5H0Z";
    private static final String BAR = "M-6,0H6";
    private static final String RED = "#c0182b";
    private static final String GREEN = "#1a7f37";
    private static final String GOLD = "#b8860b";
    private static final String BLUE = "#0b5fa5";

    static Glyph of(Sign sign) {
        return switch (sign) {
            case START -> new Glyph("start", GREEN, RIGHT, true, true);
            case KILLED -> new Glyph("killed", RED, CROSS, false, true);
            case POWER_LOST -> new Glyph("power or disk lost", RED, BOLT, true, true);
            case ENDED -> new Glyph("has left", RED, DIAMOND, true, true);
            case LEAVES -> new Glyph("leaves", RED, DIAMOND, false, true);
            case PERSIST -> new Glyph("persist", "#555555", SQUARE, false, false);
            case SYNC -> new Glyph("sync", "#555555", SQUARE, true, false);
            case DELIVER -> new Glyph("deliver, execute", GREEN, DISC, true, false);
            case LEADS -> new Glyph("leads from here", GOLD, UP, true, true);
            case STEPS_DOWN -> new Glyph("steps down", GOLD, DOWN, false, true);
            case FAULT -> new Glyph("disk or clock fault", RED, BAR, false, true);
            case DISCONNECT -> new Glyph("connection ends", "#777777", BAR, false, false);
            case INVOKE -> new Glyph("client asks", BLUE, DISC, false, false);
            case LEARN -> new Glyph("client learns", BLUE, DISC, true, false);
            case GONE -> new Glyph("client goes away", "#777777", CROSS, false, false);
        };
    }
}
