package dev.lockstep.node;

import dev.lockstep.core.port.SnapshotContent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.OutputStream;

/// A snapshot's content whose end does no harm: a service that throws when its frozen state is
/// closed has written it by then, or failed to, which is told already.
///
/// Threading: as [SnapshotContent].
final class GuardedContent implements SnapshotContent {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final SnapshotContent content;
    private final String name;

    /// @param name whose it is, such as `lockstep-2`
    GuardedContent(SnapshotContent content, String name) {
        this.content = content;
        this.name = name;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        content.writeTo(out);
    }

    @Override
    public void close() {
        try {
            content.close();
        } catch (RuntimeException | AssertionError thrown) {
            LOG.warn(
                    "the service of {} threw when its frozen state was closed ({}): what that holds may not be freed",
                    name,
                    thrown.toString());
            LOG.debug("it threw here", thrown);
        }
    }
}
