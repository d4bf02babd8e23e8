/// Keys and signatures at the edge: who signs what, with which library, and where keys are kept.
/// `docs/keys.md` says it for operators.
///
/// **What is signed.** Members sign what their protocol lays out; each such string begins with what
/// it is, the setting, the cluster and the epoch. Clients sign bursts: one signature over the root
/// of a Merkle tree whose leaves are the requests, so that one check is enough for all of them.
///
/// | bytes | field of what a client signs |
/// |---|---|
/// | 7 | `LSREQ1` and a zero |
/// | u8 | the setting |
/// | 16 | the cluster, high half first, each half little-endian |
/// | u64 | the epoch |
/// | u32 | the client |
/// | u16 | how many requests the burst has |
/// | 32 | the root |
///
/// A leaf is SHA-256 over a zero byte, the kind of the client's frame (u8) and its content. An
/// inner node is SHA-256 over a one byte and its two children; whoever has no sibling at a level
/// moves up as it is. A burst of one has its leaf for a root and an empty path: there is one form.
///
/// | bytes | field of the proof that goes with each request |
/// |---|---|
/// | u64 | the epoch |
/// | u32 | the client |
/// | u16, u16 | the request's index in its burst, and the size of the burst |
/// | 64 | the signature |
/// | 32 each | the siblings from the leaf up; how many follows from index and size |
///
/// **When a signature counts.** Libraries disagree about odd signatures, and a member that believes
/// what another does not can be used to stop a cluster. So one library is pinned for all members,
/// and what libraries are known to disagree about is refused before they see it: `S` of the group's
/// order or more, points that are not encoded in the one canonical way, points of small order, keys
/// outside the subgroup of prime order. What is left is one question, whether `R` is the encoding
/// of `[S]B - [k]A`, and the answers are equal.
///
/// Threading: everything here may be used by several threads at a time, except [KeyStore], whose
/// files one process at a time changes.
@NullMarked
package dev.lockstep.net.keys;

import org.jspecify.annotations.NullMarked;
