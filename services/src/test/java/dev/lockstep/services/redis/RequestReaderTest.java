package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

final class RequestReaderTest {

    private static final int MAX_REQUEST_BYTES = 1_000;

    /// What a reader finds in pieces of a stream.
    private static List<String> read(List<byte[]> pieces) {
        return read(pieces, MAX_REQUEST_BYTES);
    }

    private static List<String> read(List<byte[]> pieces, int maxRequestBytes) {
        RequestReader reader =
                new RequestReader(new RequestReader.Scratch(Long.MAX_VALUE), maxRequestBytes);
        List<String> found = new ArrayList<>();
        try {
            for (byte[] piece : pieces) {
                reader.take(Unpooled.wrappedBuffer(piece));
                for (RequestReader.Event event = reader.next();
                        event != RequestReader.Event.MORE;
                        event = reader.next()) {
                    if (event == RequestReader.Event.TOO_LARGE) {
                        found.add("too large: " + reader.refusedBytes());
                    } else {
                        found.add(text(reader.words()));
                        reader.consume();
                    }
                }
                reader.keep();
                assertThat(reader.heldBytes()).isLessThan(MAX_HELD_BYTES);
            }
        } catch (ProtocolError error) {
            found.add("error: " + error.words());
        }
        return found;
    }

    /// Room for a request with its headers, a line, and growth.
    private static final int MAX_HELD_BYTES = 2 * (RequestReader.MOST_LINE_BYTES + (64 << 10));

    private static String text(Words words) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < words.count(); i++) {
            texts.add(words.text(i));
        }
        return texts.toString();
    }

    private static List<byte[]> split(byte[] bytes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        while (from < bytes.length) {
            int size = Math.min(bytes.length - from, 1 + random.nextInt(9));
            pieces.add(java.util.Arrays.copyOfRange(bytes, from, from + size));
            from += size;
        }
        return pieces;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Provide
    Arbitrary<String> streams() {
        Arbitrary<String> word =
                Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(400);
        Arbitrary<String> request =
                word.list()
                        .ofMinSize(1)
                        .ofMaxSize(5)
                        .map(words -> RespClient.encode(words.toArray(new String[0])));
        Arbitrary<String> line =
                Arbitraries.strings()
                        .withChars("ab 'x\\")
                        .ofMaxLength(12)
                        .map(text -> text + "\r\n");
        Arbitrary<String> junk = Arbitraries.strings().withChars("*$0123\r\n-x\"").ofMaxLength(12);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(6, request),
                        net.jqwik.api.Tuple.of(2, line),
                        net.jqwik.api.Tuple.of(1, junk))
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }

    /// However the bytes come in, the same is found.
    @Property(tries = 1_000)
    void thePiecesDoNotMatter(@ForAll("streams") String stream, @ForAll long seed) {
        byte[] bytes = bytes(stream);
        List<String> whole = bytes.length == 0 ? List.of() : read(List.of(bytes));
        assertThat(read(split(bytes, seed))).isEqualTo(whole);
    }

    @Property(tries = 2_000)
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 200) byte[] bytes, @ForAll long seed) {
        if (bytes.length > 0) {
            assertThat(read(split(bytes, seed))).isEqualTo(read(List.of(bytes)));
        }
    }

    @Property(tries = 500)
    void wordsComeThroughAsTheyAre(@ForAll("words") List<String> words, @ForAll long seed) {
        byte[] bytes = bytes(RespClient.encode(words.toArray(new String[0])));
        assertThat(read(split(bytes, seed), 100_000)).containsExactly(words.toString());
    }

    @Provide
    Arbitrary<List<String>> words() {
        return Combinators.combine(
                        Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(300),
                        Arbitraries.strings().withCharRange('\0', '\u00ff').list().ofMaxSize(40))
                .as(
                        (first, rest) -> {
                            List<String> all = new ArrayList<>(rest);
                            all.addFirst(first);
                            return all;
                        });
    }

    @Test
    void aRequestThatIsTooLargeIsPassedOverAndNotKept() {
        String large = "x".repeat(5_000_000);
        String stream = RespClient.encode("SET", "k", large, "more") + RespClient.encode("PING");
        List<byte[]> pieces = new ArrayList<>();
        byte[] bytes = bytes(stream);
        for (int from = 0; from < bytes.length; from += 50_000) {
            pieces.add(
                    java.util.Arrays.copyOfRange(
                            bytes, from, Math.min(bytes.length, from + 50_000)));
        }
        assertThat(read(pieces)).containsExactly("too large: 5000008", "[PING]");
    }

    @Test
    void theLargestRequestIsTaken() {
        String value = "x".repeat(MAX_REQUEST_BYTES - 4);
        assertThat(read(List.of(bytes(RespClient.encode("SET", "k", value)))))
                .containsExactly("[SET, k, " + value + "]");
        assertThat(read(List.of(bytes(RespClient.encode("SET", "k", value + "x")))))
                .containsExactly("too large: " + (MAX_REQUEST_BYTES + 1));
    }

    @Test
    void aLineThatDoesNotEndIsRefused() {
        assertThat(read(List.of(bytes("x".repeat(RequestReader.MOST_LINE_BYTES)))))
                .containsExactly("error: too big inline request");
        assertThat(read(List.of(bytes("*" + "1".repeat(RequestReader.MOST_LINE_BYTES)))))
                .containsExactly("error: too big mbulk count string");
        assertThat(read(List.of(bytes("*1\r\n$" + "1".repeat(RequestReader.MOST_LINE_BYTES)))))
                .containsExactly("error: too big bulk count string");
    }

    @Test
    void moreWordsThanAreAllowedAreRefused() {
        assertThat(read(List.of(bytes("*" + RequestReader.MOST_WORDS + "\r\n")))).isEmpty();
        String words = "*" + (RequestReader.MOST_WORDS + 1) + "\r\n";
        assertThat(read(List.of(bytes(words)))).isEmpty();
        String all = words + "$0\r\n\r\n".repeat(RequestReader.MOST_WORDS + 1);
        assertThat(read(List.of(bytes(all + "PING\r\n"))))
                .containsExactly("too large: 0", "[PING]");
        assertThat(read(List.of(bytes("*" + (Integer.MAX_VALUE + 1L) + "\r\n"))))
                .containsExactly("error: invalid multibulk length");
    }

    /// A length that is only claimed costs nothing.
    @Test
    void memoryGrowsWithWhatHasCome() throws ProtocolError {
        RequestReader reader =
                new RequestReader(new RequestReader.Scratch(Long.MAX_VALUE), 512 << 20);
        reader.take(Unpooled.wrappedBuffer(bytes("*1000000\r\n$500000000\r\nab")));
        assertThat(reader.next()).isEqualTo(RequestReader.Event.MORE);
        reader.keep();
        assertThat(reader.heldBytes()).isLessThan(1_000);
    }

    @Test
    void quotesThatDoNotCloseAreRefused() {
        assertThatThrownBy(() -> InlineSplitter.split(bytes("a \"b"), new Words()))
                .isInstanceOf(ProtocolError.class);
    }

    @Test
    void whatConnectionsHoldOfUnfinishedRequestsIsCounted() throws ProtocolError {
        RequestReader.Scratch scratch = new RequestReader.Scratch(100_000);
        RequestReader one = new RequestReader(scratch, 8 << 20);
        RequestReader other = new RequestReader(scratch, 8 << 20);
        for (RequestReader reader : java.util.List.of(one, other)) {
            String begun = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$8000000\r\n" + "x".repeat(60_000);
            reader.take(
                    io.netty.buffer.Unpooled.copiedBuffer(
                            begun, java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(reader.next()).isEqualTo(RequestReader.Event.MORE);
            assertThat(reader.heldBytes()).isZero();
            reader.keep();
            assertThat(reader.heldBytes()).isGreaterThanOrEqualTo(60_000);
        }
        assertThat(scratch.isOverfull()).isTrue();
        one.release();
        assertThat(scratch.isOverfull()).isFalse();
        assertThat(one.heldBytes()).isZero();
    }
}
