/// The Redis protocol port of a node that runs the key-value service: RESP2 and RESP3, for
/// unmodified clients.
///
/// Every connection keeps the order that Redis would keep: a command waits until the queries before
/// it are answered, and a query after commands whose replies are outstanding goes through the order
/// behind them. So a pipeline of one kind flows, and a client that waits for each reply never waits
/// for anything else. What a connection has of its own is here: its protocol version and name, the
/// commands that `MULTI` queues and the keys that `WATCH` has looked at. `EXEC` is one command that
/// carries them all.
///
/// All connections share the node's one session. Nothing here blocks.
///
/// What clients can make this process hold is bounded: unfinished and waiting requests by
/// [RequestReader], replies by [ReplyRoom] for all connections together and by [ReplyDebt] for
/// each. What they have under way is bounded for all together too, and divided so that one that
/// wants little does not wait for those that want much ([FairShare]): commands by their bytes,
/// whatever may bring a large reply by [ValueWindow].
@NullMarked
package dev.lockstep.services.redis;

import org.jspecify.annotations.NullMarked;
