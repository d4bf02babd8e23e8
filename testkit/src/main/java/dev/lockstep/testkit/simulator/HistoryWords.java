package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// How histories of [dev.lockstep.testkit.history.KeyValueModel] put a service's requests.
interface HistoryWords {

    /// A request as histories have it.
    ///
    /// @param key the object it is about
    record Word(String key, String function, String argument) {}

    /// A request; null if histories have no word for it.
    @Nullable Word word(byte[] request);

    /// What the history says was returned.
    String result(byte[] request, ByteBuffer reply);
}
