/// A replicated key-value store with the semantics of Redis 7.0.
///
/// [dev.lockstep.services.kv.KvStateMachine] is the service; [dev.lockstep.services.kv.KvCommands]
/// and [dev.lockstep.services.kv.KvReply] are for clients of Lockstep's own protocol. Redis's
/// protocol is served by `dev.lockstep.services.redis`.
///
/// A family of commands is a file: its rows of the command table and what the rows do, such as
/// `StringCommands`. What a command does, its errors and their order are Redis's.
///
/// **A command's bytes** (version 1; numbers marked v are unsigned LEB128):
///
/// ```text
/// request     = version:1 form:1 body
/// form 1      = command                               one command
/// form 2      = watched:v watch* commands:v command*  a transaction (EXEC)
/// watch       = size:v key version:8 big-endian       what WATCH answered for the key
/// command     = code:v arguments:v argument*          the name is not an argument
/// argument    = size:v bytes
/// ```
///
/// **A reply's bytes** are RESP2. Its two kinds of null, `$-1` where a string and `*-1` where an
/// array was to be expected, are one in RESP3, which a port that speaks it has to see to.
@NullMarked
package dev.lockstep.services.kv;

import org.jspecify.annotations.NullMarked;
