package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;

import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// What a user of Jedis and of Lettuce does, in both versions of the protocol, against one port.
final class UnmodifiedClients {

    private UnmodifiedClients() {}

    static void jedis(int port) {
        for (RedisProtocol protocol : List.of(RedisProtocol.RESP2, RedisProtocol.RESP3)) {
            try (Jedis jedis =
                            new Jedis(
                                    new HostAndPort("127.0.0.1", port),
                                    DefaultJedisClientConfig.builder()
                                            .protocol(protocol)
                                            .clientName("jedis")
                                            .build());
                    Jedis other = new Jedis("127.0.0.1", port)) {
                assertThat(jedis.ping()).isEqualTo("PONG");
                assertThat(jedis.clientGetname()).isEqualTo("jedis");
                assertThat(jedis.flushAll()).isEqualTo("OK");
                jedisValues(jedis);
                jedisTransactions(jedis, other);
                jedisPipeline(jedis);
            }
        }
    }

    private static void jedisValues(Jedis jedis) {
        assertThat(jedis.get("nothing")).isNull();
        assertThat(jedis.set("k", "v", SetParams.setParams().nx().ex(100))).isEqualTo("OK");
        assertThat(jedis.set("k", "w", SetParams.setParams().nx())).isNull();
        assertThat(jedis.ttl("k")).isBetween(95L, 100L);
        assertThat(jedis.mset("a", "1", "b", "2")).isEqualTo("OK");
        assertThat(jedis.mget("a", "nothing", "b")).containsExactly("1", null, "2");
        assertThat(jedis.incrBy("a", 41)).isEqualTo(42);
        assertThat(jedis.incrByFloat("b", 0.5)).isEqualTo(2.5);
        assertThatThrownBy(() -> jedis.incr("k"))
                .isInstanceOf(JedisDataException.class)
                .hasMessage("ERR value is not an integer or out of range");
        assertThat(jedis.info("server")).contains("redis_version:7.0");
        assertThat(jedis.configGet("save")).containsEntry("save", "");
        for (int i = 0; i < 200; i++) {
            jedis.set("scan:" + i, "v");
        }
        Set<String> seen = new HashSet<>();
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            ScanResult<String> result = jedis.scan(cursor, new ScanParams().match("scan:*"));
            seen.addAll(result.getResult());
            cursor = result.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        assertThat(seen).hasSize(200);
        assertThat(jedis.dbSize()).isEqualTo(203);
    }

    private static void jedisTransactions(Jedis jedis, Jedis other) {
        jedis.set("balance", "10");
        jedis.watch("balance");
        try (Transaction transaction = jedis.multi()) {
            transaction.incrBy("balance", 5);
            Response<String> read = transaction.get("balance");
            assertThat(transaction.exec()).containsExactly(15L, "15");
            assertThat(read.get()).isEqualTo("15");
        }
        jedis.watch("balance");
        other.set("balance", "0");
        try (Transaction transaction = jedis.multi()) {
            transaction.incrBy("balance", 5);
            assertThat(transaction.exec()).isNull();
        }
        assertThat(jedis.get("balance")).isEqualTo("0");
    }

    private static void jedisPipeline(Jedis jedis) {
        Pipeline pipeline = jedis.pipelined();
        List<Response<String>> reads = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            pipeline.set("p" + i, "v" + i);
            reads.add(pipeline.get("p" + i));
        }
        pipeline.sync();
        for (int i = 0; i < reads.size(); i++) {
            assertThat(reads.get(i).get()).isEqualTo("v" + i);
        }
    }

    static void lettuce(int port) {
        RedisClient client =
                RedisClient.create(
                        RedisURI.builder()
                                .withHost("127.0.0.1")
                                .withPort(port)
                                .withTimeout(Duration.ofSeconds(20))
                                .withClientName("lettuce")
                                .build());
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            assertThat(commands.ping()).isEqualTo("PONG");
            assertThat(commands.clientGetname()).isEqualTo("lettuce");
            assertThat(commands.flushall()).isEqualTo("OK");
            lettuceValues(commands);
            lettuceTransactions(commands, other.sync());
            lettucePipeline(connection);
        } finally {
            client.shutdown(0, 5, TimeUnit.SECONDS);
        }
    }

    private static void lettuceValues(RedisCommands<String, String> commands) {
        assertThat(commands.get("nothing")).isNull();
        assertThat(commands.set("k", "v", SetArgs.Builder.ex(100).nx())).isEqualTo("OK");
        assertThat(commands.set("k", "w", SetArgs.Builder.nx())).isNull();
        assertThat(commands.setGet("k", "x")).isEqualTo("v");
        assertThat(commands.append("k", "yz")).isEqualTo(3);
        assertThat(commands.getrange("k", 1, 2)).isEqualTo("yz");
        assertThat(commands.expire("k", 100)).isTrue();
        assertThat(commands.pttl("k")).isBetween(95_000L, 100_000L);
        assertThat(commands.incrbyfloat("f", 10.5)).isEqualTo(10.5);
        assertThatThrownBy(() -> commands.incr("k"))
                .isInstanceOf(RedisCommandExecutionException.class)
                .hasMessage("ERR value is not an integer or out of range");
        assertThat(commands.commandInfo("get", "set")).hasSize(2);
        assertThat(commands.commandCount()).isGreaterThan(50);
        assertThat(commands.info()).contains("redis_version:7.0");
        assertThat(commands.rename("k", "l")).isEqualTo("OK");
        assertThat(commands.randomkey()).isIn("l", "f");
        for (int i = 0; i < 200; i++) {
            commands.set("scan:" + i, "v");
        }
        List<String> seen =
                ScanIterator.scan(commands, ScanArgs.Builder.matches("scan:*")).stream().toList();
        assertThat(seen).hasSize(200).doesNotHaveDuplicates();
        assertThat(commands.keys("scan:1?")).hasSize(10);
    }

    private static void lettuceTransactions(
            RedisCommands<String, String> commands, RedisCommands<String, String> other) {
        commands.set("balance", "10");
        commands.watch("balance");
        commands.multi();
        commands.incrby("balance", 5);
        commands.get("balance");
        TransactionResult done = commands.exec();
        assertThat(done.stream().toList()).containsExactly(15L, "15");
        commands.watch("balance");
        other.set("balance", "0");
        commands.multi();
        commands.incrby("balance", 5);
        assertThat(commands.exec().wasDiscarded()).isTrue();
        assertThat(commands.get("balance")).isEqualTo("0");
    }

    private static void lettucePipeline(StatefulRedisConnection<String, String> connection) {
        RedisAsyncCommands<String, String> commands = connection.async();
        List<Future<String>> reads = new ArrayList<>();
        connection.setAutoFlushCommands(false);
        for (int i = 0; i < 500; i++) {
            var _ = commands.set("p" + i, "v" + i);
            reads.add(commands.get("p" + i).toCompletableFuture());
        }
        connection.flushCommands();
        connection.setAutoFlushCommands(true);
        for (int i = 0; i < reads.size(); i++) {
            assertThat(reads.get(i)).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("v" + i);
        }
    }
}
