package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.cli.TokenLog.Token;

import org.junit.jupiter.api.Test;

import java.util.List;

/// The naked eye of [RealProcessTest] sees what it is there to see.
final class TokenLogTest {

    private static final List<Token> LOG =
            List.of(
                    new Token(",1", Token.Fate.APPENDED),
                    new Token(",12", Token.Fate.UNKNOWN),
                    new Token(",3", Token.Fate.REFUSED),
                    new Token(",4", Token.Fate.APPENDED));

    @Test
    void what_was_acknowledged_and_perhaps_what_is_unknown_is_there() {
        assertThat(TokenLog.trouble(LOG, ",1,4")).isEmpty();
        assertThat(TokenLog.trouble(LOG, ",1,12,4")).isEmpty();
        assertThat(TokenLog.trouble(List.of(), "")).isEmpty();
    }

    @Test
    void loss_repetition_disorder_and_what_was_refused_are_trouble() {
        assertThat(TokenLog.trouble(LOG, ",1")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",4")).isPresent();
        assertThat(TokenLog.trouble(LOG, "")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",1,1,4")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",1,4,4")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",1,12,12,4")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",4,1")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",1,3,4")).isPresent();
        assertThat(TokenLog.trouble(LOG, ",12,4")).isPresent();
    }
}
