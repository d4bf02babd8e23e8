package dev.lockstep.testkit.history;

import dev.lockstep.fuzz.Target;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Jepsen's histories: one value of EDN after the other.
public final class EdnTarget implements Target {

    /// The target; it has no state.
    public EdnTarget() {}

    @Override
    public String name() {
        return "edn";
    }

    @Override
    public boolean takes(byte[] input) throws IOException {
        Edn edn = new Edn(new StringReader(new String(input, StandardCharsets.UTF_8)));
        try {
            while (!edn.isAtEnd()) {
                check(Edn.write(edn.next()));
            }
            return true;
        } catch (Edn.Malformed refused) {
            return false;
        }
    }

    /// [#check] has a reader for every value, and a value may be two characters.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (256L << 10) + 2048L * inputBytes;
    }

    private static void check(String written) throws IOException {
        Edn edn = new Edn(new StringReader(written));
        String again = Edn.write(edn.next());
        if (!again.equals(written) || !edn.isAtEnd()) {
            throw new AssertionError(written + " read and written again is " + again);
        }
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put(
                "event",
                bytes("{:process 0, :type :ok, :f :cas, :value [5 6], :time 7, :error :timeout}"));
        seeds.put("transaction", bytes("[[:append :x 1] [:r \"y\" nil]] ; and that is all"));
        seeds.put("numbers", bytes("12N +7 -99999999999999999999N 1.5 ##Inf"));
        seeds.put("characters", bytes("\\a \\newline \\u0041 \"a\\\"\\\\\\u0042\\n\""));
        seeds.put("dispatched", bytes("#{1 2} #inst \"2020\" #:a{:b (1)} #_ [2] true"));
        return seeds;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
