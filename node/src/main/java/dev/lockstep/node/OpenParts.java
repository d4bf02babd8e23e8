package dev.lockstep.node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;

/// What a node has opened so far, to be closed in the opposite order, whatever happens.
final class OpenParts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenParts.class);

    private record Part(String name, AutoCloseable part) {}

    private final Deque<Part> parts = new ArrayDeque<>();

    void add(String name, AutoCloseable part) {
        parts.push(new Part(name, part));
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            Part last = parts.pop();
            try {
                last.part.close();
            } catch (Throwable thrown) {
                LOG.warn("{} could not be closed: {}", last.name, thrown.toString());
                LOG.debug("{} could not be closed", last.name, thrown);
            }
        }
    }
}
