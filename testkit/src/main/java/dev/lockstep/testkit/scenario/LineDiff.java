package dev.lockstep.testkit.scenario;

import java.util.ArrayList;
import java.util.List;

/// How two texts differ, line by line, by their longest common subsequence.
final class LineDiff {

    private LineDiff() {}

    /// Lines of both with two blanks before them, those of `expected` alone with `- `, those of
    /// `actual` alone with `+ `.
    static List<String> of(List<String> expected, List<String> actual) {
        int[][] common = commonSuffixes(expected, actual);
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < expected.size() || j < actual.size()) {
            boolean isCommon =
                    i < expected.size()
                            && j < actual.size()
                            && expected.get(i).equals(actual.get(j));
            if (isCommon) {
                lines.add("  " + expected.get(i));
                i++;
                j++;
            } else if (i < expected.size()
                    && (j == actual.size() || common[i + 1][j] >= common[i][j + 1])) {
                lines.add("- " + expected.get(i++));
            } else {
                lines.add("+ " + actual.get(j++));
            }
        }
        return lines;
    }

    /// How many lines the rests of both, from each pair of lines on, have in common.
    private static int[][] commonSuffixes(List<String> expected, List<String> actual) {
        int[][] common = new int[expected.size() + 1][actual.size() + 1];
        for (int i = expected.size() - 1; i >= 0; i--) {
            for (int j = actual.size() - 1; j >= 0; j--) {
                common[i][j] =
                        expected.get(i).equals(actual.get(j))
                                ? common[i + 1][j + 1] + 1
                                : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        return common;
    }
}
