/// Frames and connections: TCP between members, and between clients and members.
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | u32 | length of what follows |
/// | 4 | u8 | kind, see [dev.lockstep.core.wire.FrameKind] |
/// | 5 | u32 | group |
/// | 9 | … | content |
///
/// Everything is little-endian. The first frame on a connection is a [Hello] from whoever dialled,
/// the second a [Welcome] that accepts it or refuses it with a sentence. Lengths are checked before
/// anything is allocated; a malformed frame closes its connection with one log line.
///
/// All of it runs on one thread, the owner of a [NetworkLoop], which drives the sockets itself and
/// blocks in the kernel when there is nothing to do.
@NullMarked
package dev.lockstep.net;

import org.jspecify.annotations.NullMarked;
