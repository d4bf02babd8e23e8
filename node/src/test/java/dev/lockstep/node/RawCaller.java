package dev.lockstep.node;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.net.Hello;
import dev.lockstep.net.Welcome;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/// A caller that says on a socket what it is told to, and waits for each answer.
final class RawCaller implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RawCaller(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    Welcome greet(Hello hello) throws IOException {
        BytesWriter writer = new BytesWriter(256);
        hello.encode(writer);
        send(FrameKind.HELLO, writer.toBytes());
        return Welcome.decode(receive(FrameKind.WELCOME));
    }

    ClientReply ask(ClientRequest request) throws IOException {
        BytesWriter writer = new BytesWriter(256);
        ClientCodec.encode(request, writer);
        send(ClientCodec.frameKind(request), writer.toBytes());
        return ClientCodec.decodeReply(receive(FrameKind.REPLY));
    }

    private void send(int kind, Bytes content) throws IOException {
        BytesWriter writer = new BytesWriter(256);
        writer.putInt(1 + Integer.BYTES + content.size()).putByte(kind).putInt(0);
        out.write(writer.toBytes().toByteArray());
        out.write(content.toByteArray());
        out.flush();
    }

    /// The next frame of this kind; others are let go.
    private Bytes receive(int wanted) throws IOException {
        while (true) {
            int length = Integer.reverseBytes(in.readInt());
            int kind = in.readUnsignedByte();
            in.readInt();
            byte[] content = new byte[length - 1 - Integer.BYTES];
            in.readFully(content);
            if (kind == wanted) {
                return Bytes.wrap(content);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
