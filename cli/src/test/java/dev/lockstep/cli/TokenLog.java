package dev.lockstep.cli;

import java.util.List;
import java.util.Optional;

/// Says whether a text holds the tokens that were appended to it: each once, in the order of the
/// calls.
final class TokenLog {

    private TokenLog() {}

    /// What is wrong with `found`; empty if nothing. Tokens begin with a comma and hold no other.
    static Optional<String> trouble(List<Token> appended, String found) {
        String rest = found;
        for (Token token : appended) {
            if (token.fate() != Token.Fate.REFUSED && isNext(token.text(), rest)) {
                rest = rest.substring(token.text().length());
            } else if (token.fate() == Token.Fate.APPENDED) {
                return Optional.of("'%s' is not next in '%s'".formatted(token.text(), rest));
            }
        }
        return rest.isEmpty() ? Optional.empty() : Optional.of("'" + rest + "' is too much");
    }

    private static boolean isNext(String token, String rest) {
        return rest.startsWith(token)
                && (rest.length() == token.length() || rest.charAt(token.length()) == ',');
    }

    /// Text that was to be appended, and what became of it.
    static final class Token {
        private final String text;
        private volatile Fate fate = Fate.UNKNOWN;

        Token(String text) {
            this.text = text;
        }

        Token(String text, Fate fate) {
            this(text);
            this.fate = fate;
        }

        String text() {
            return text;
        }

        Fate fate() {
            return fate;
        }

        void became(Fate known) {
            fate = known;
        }

        /// What is known about a token.
        enum Fate {
            /// It may be there.
            UNKNOWN,
            /// It was acknowledged: it must be there.
            APPENDED,
            /// It was refused: it must not be there.
            REFUSED
        }
    }
}
