package dev.lockstep.testkit.relay;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// One direction of a connection: what is read is written when its time has come, in its order.
///
/// Threading: one thread reads, one writes; between them is a queue under this object's lock.
final class DelayLine {

    private static final int READ_BYTES = 64 << 10;

    /// Bytes and when they are due; none stand for the end.
    private static final class Piece {
        private final long due;
        private final byte[] bytes;

        Piece(long due, byte[] bytes) {
            this.due = due;
            this.bytes = bytes;
        }
    }

    private final Socket from;
    private final Socket to;
    private final long delayNanos;
    private final long jitterNanos;
    private final Random random;
    private final Runnable whenEnded;

    private final ArrayDeque<Piece> underWay = new ArrayDeque<>();
    private long bytesUnderWay;

    /// True once the writer has failed: nobody takes what is read any more.
    private boolean broken;

    /// @param whenEnded run when there is nothing more to write, or nobody to write it to
    DelayLine(
            Socket from,
            Socket to,
            long delayNanos,
            long jitterNanos,
            long seed,
            Runnable whenEnded) {
        this.from = from;
        this.to = to;
        this.delayNanos = delayNanos;
        this.jitterNanos = jitterNanos;
        this.random = new Random(seed);
        this.whenEnded = whenEnded;
    }

    void start() {
        String name = "relay-" + from.getPort() + "-" + to.getPort();
        Thread.ofPlatform().daemon().name(name + "-in").start(this::read);
        Thread.ofPlatform().daemon().name(name + "-out").start(this::write);
    }

    private void read() {
        byte[] buffer = new byte[READ_BYTES];
        long due = System.nanoTime();
        try {
            InputStream in = from.getInputStream();
            int count = 0;
            while (count >= 0) {
                count = in.read(buffer);
                long way = delayNanos + (jitterNanos == 0 ? 0 : random.nextLong(jitterNanos + 1));
                long arrival = System.nanoTime() + way;
                due = arrival - due > 0 ? arrival : due;
                put(new Piece(due, Arrays.copyOf(buffer, Math.max(0, count))));
            }
        } catch (IOException e) {
            fail();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail();
        }
    }

    private synchronized void put(Piece piece) throws InterruptedException {
        while (!broken && bytesUnderWay >= DelayRelay.MOST_BYTES) {
            wait();
        }
        underWay.addLast(piece);
        bytesUnderWay += piece.bytes.length;
        notifyAll();
    }

    private synchronized Piece take() throws InterruptedException {
        while (underWay.isEmpty()) {
            wait();
        }
        return underWay.getFirst();
    }

    /// Takes away what was written, unless all was taken away meanwhile.
    private synchronized void remove(Piece piece) {
        if (!broken) {
            underWay.removeFirst();
            bytesUnderWay -= piece.bytes.length;
            notifyAll();
        }
    }

    private void write() {
        try {
            OutputStream out = to.getOutputStream();
            Piece piece = take();
            while (piece.bytes.length > 0) {
                awaitTime(piece.due);
                out.write(piece.bytes);
                remove(piece);
                piece = take();
            }
            awaitTime(piece.due);
            to.shutdownOutput();
            whenEnded.run();
        } catch (IOException e) {
            fail();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail();
        }
    }

    private static void awaitTime(long due) {
        long left = due - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = due - System.nanoTime();
        }
    }

    /// Ends both directions; a writer that waits gets an end to write.
    private void fail() {
        close(from);
        close(to);
        synchronized (this) {
            broken = true;
            underWay.clear();
            underWay.addLast(new Piece(System.nanoTime(), new byte[0]));
            bytesUnderWay = 0;
            notifyAll();
        }
        whenEnded.run();
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // Closing is all that was wanted.
        }
    }
}
