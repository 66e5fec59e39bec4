package dev.longwave.broker.redis;

final class ValkeySecurityIT extends RedisSecurity {}
