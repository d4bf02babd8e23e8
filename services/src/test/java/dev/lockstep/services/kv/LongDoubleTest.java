package dev.lockstep.services.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

/// The sums are what Redis 7.0 on x86-64 gives for SET and INCRBYFLOAT.
final class LongDoubleTest {

    private static LongDouble parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return LongDouble.parse(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.2, 0.3",
        "10.50, 0.1, 10.6",
        "3, -3, 0",
        "0, -0.0, 0",
        "5.0e3, 0, 5000",
        "1e20, 1, 100000000000000000000",
        "18446744073709551615, 1, 18446744073709551616",
        "9007199254740993, 0.5, 9007199254740993.5",
        "123456789.123456789, 0, 123456789.12345678899873747",
        "0x1p-2, 0x.8, 0.75",
        "1e-18, 0, 0",
        "6e-18, 0, 0.00000000000000001",
        "-1e-17, 0, -0.00000000000000001",
        "0.3333333333333333333, 0.1, 0.43333333333333333"
    })
    void addsAsRedisDoes(String left, String right, String sum) {
        assertThat(parse(left).plus(parse(right)).toString()).isEqualTo(sum);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " 1", "1 ", "abc", "1e", "0x", ".", "nan", "1e5000", "1e-5000", "1,5"})
    void refusesWhatIsNotANumber(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(RedisError.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inf", "-INF", "+Infinity"})
    void infinityIsReadAndNotFinite(String text) {
        assertThat(parse(text).isFinite()).isFalse();
        assertThat(parse(text).plus(LongDouble.ZERO).isFinite()).isFalse();
    }

    @Test
    void theLargestNumbersOverflow() {
        assertThat(parse("1e4932").isFinite()).isTrue();
        assertThat(parse("1e4932").plus(parse("1e4932")).isFinite()).isFalse();
    }
}
