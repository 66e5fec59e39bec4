package dev.longwave.broker.redis;

final class RedisSecurityIT extends RedisSecurity {}
