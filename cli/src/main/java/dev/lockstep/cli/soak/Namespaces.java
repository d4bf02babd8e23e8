package dev.lockstep.cli.soak;

import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A network and a small disk that exist for one run only: every replica in a network namespace of
/// its own, joined by a bridge in a further one, and the last replica's data on a `tmpfs` that only
/// it sees. Needs root.
///
/// The machine's own network gets one interface with a name and a subnet of its own, through which
/// clients reach the replicas. Everything else is in namespaces that end with this process.
///
/// Threading: one thread at a time.
final class Namespaces implements AutoCloseable {

    private static final String NET = "--net";
    private static final String MOUNT = "--mount";
    private static final String BRIDGE = "bridge0";
    private static final String INSIDE = "eth0";

    /// Reserved for tests of networks (RFC 2544), so that nobody's machine is in it.
    private static final String SUBNETS = "198.18.";

    private static final int CLIENTS = 254;
    private static final int MOST_SUBNETS = 255;

    private final String prefix;
    private final String outside;
    private final Holder hub;
    private final List<Holder> replicas = new ArrayList<>();
    private long diskBytes;

    private Namespaces(String prefix) throws IOException {
        this.prefix = prefix;
        // At most 15 characters.
        this.outside = "lsoak" + ProcessHandle.current().pid();
        this.hub = new Holder(List.of(NET));
    }

    /// Why this user on this machine cannot have them; empty if it can.
    static String obstacle() {
        try (Holder trial = new Holder(List.of(NET, MOUNT))) {
            trial.run(NET, "ip", "link", "add", BRIDGE, "type", "bridge");
            trial.run(MOUNT, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt");
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /// Makes them.
    static Namespaces create(int count) throws IOException, InterruptedException {
        Namespaces made = new Namespaces(freeSubnet());
        try {
            made.build(count);
            return made;
        } catch (IOException | InterruptedException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private static String freeSubnet() throws IOException {
        for (int i = (int) (ProcessHandle.current().pid() % MOST_SUBNETS); ; i++) {
            String subnet = SUBNETS + i % MOST_SUBNETS + ".";
            if (isFree(subnet)) {
                return subnet;
            }
            if (i > 2 * MOST_SUBNETS) {
                throw new IOException("every subnet of " + SUBNETS + "0.0/15 is in use");
            }
        }
    }

    private static boolean isFree(String subnet) throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .noneMatch(address -> address.getHostAddress().startsWith(subnet));
    }

    private void build(int count) throws IOException, InterruptedException {
        hub.run(NET, "ip", "link", "add", BRIDGE, "type", "bridge");
        hub.run(NET, "ip", "link", "set", BRIDGE, "up");
        Tool.run(
                "ip",
                "link",
                "add",
                outside,
                "type",
                "veth",
                "peer",
                "name",
                "clients",
                "netns",
                Long.toString(hub.pid()));
        join("clients");
        Tool.run("ip", "address", "add", prefix + CLIENTS + "/24", "dev", outside);
        Tool.run("ip", "link", "set", outside, "up");
        for (int id = 1; id <= count; id++) {
            Holder holder = new Holder(List.of(NET, MOUNT, "--propagation", "private"));
            replicas.add(holder);
            hub.run(
                    NET,
                    "ip",
                    "link",
                    "add",
                    port(id),
                    "type",
                    "veth",
                    "peer",
                    "name",
                    INSIDE,
                    "netns",
                    Long.toString(holder.pid()));
            join(port(id));
            holder.run(NET, "ip", "address", "add", host(id) + "/24", "dev", INSIDE);
            holder.run(NET, "ip", "link", "set", INSIDE, "up");
            holder.run(NET, "ip", "link", "set", "lo", "up");
        }
    }

    private void join(String port) throws IOException, InterruptedException {
        hub.run(NET, "ip", "link", "set", port, "master", BRIDGE, "up");
    }

    private static String port(int id) {
        return "replica" + id;
    }

    private Holder holder(int id) {
        return replicas.get(id - 1);
    }

    /// The address of a replica, for others and for clients.
    String host(int id) {
        return prefix + id;
    }

    /// The words before the command that starts a replica.
    List<String> entry(int id) {
        return holder(id).entry(NET, MOUNT);
    }

    /// How this process calls a file that the replica calls `inside`.
    Path outside(int id, Path inside) {
        return holder(id).outside(inside);
    }

    /// Pulls a replica's cable, or puts it back: it reaches nobody, and does not notice.
    void setConnected(int id, boolean connected) throws IOException, InterruptedException {
        hub.run(NET, "ip", "link", "set", port(id), connected ? "up" : "down");
    }

    /// What one replica sends to another gets lost from now on, or no longer.
    void setHeard(int from, int to, boolean heard) throws IOException, InterruptedException {
        holder(from)
                .run(NET, "ip", "route", heard ? "delete" : "add", "blackhole", host(to) + "/32");
    }

    /// Gives a replica a disk of its own at an existing directory: empty, of the given size.
    void mountDisk(int id, Path directory, long sizeBytes)
            throws IOException, InterruptedException {
        diskBytes = sizeBytes;
        holder(id)
                .run(
                        MOUNT,
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=" + sizeBytes,
                        "tmpfs",
                        directory.toString());
    }

    /// Shrinks that disk until what is free is less than `freeBytes`.
    void fillDisk(int id, Path directory, long freeBytes) throws IOException, InterruptedException {
        FileStore disk = Files.getFileStore(outside(id, directory));
        resize(id, directory, disk.getTotalSpace() - disk.getUsableSpace() + freeBytes);
    }

    /// Gives that disk its size back.
    void emptyDisk(int id, Path directory) throws IOException, InterruptedException {
        resize(id, directory, diskBytes);
    }

    private void resize(int id, Path directory, long bytes)
            throws IOException, InterruptedException {
        holder(id).run(MOUNT, "mount", "-o", "remount,size=" + bytes, directory.toString());
    }

    @Override
    public void close() {
        replicas.forEach(Holder::close);
        hub.close();
        try {
            // Its other end has gone, or is about to: either way it must not outlive this call.
            Tool.run("ip", "link", "delete", outside);
        } catch (IOException alreadyGone) {
            // The bridge's namespace took it along.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
