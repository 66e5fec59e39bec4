-- Version 1. @schema@ and @channel@ are put in by Migrations.

-- One row. The epoch distinguishes this schema from one that was dropped and created again.
CREATE TABLE @schema@.meta (
    version int NOT NULL,
    epoch text NOT NULL,
    trimmed_before timestamptz NOT NULL DEFAULT 'epoch',
    one boolean PRIMARY KEY DEFAULT true CHECK (one)
);

-- The counter of each topic. Its row is locked from the event's INSERT to the commit, so commits have
-- the order of the sequence, without holes. Rows are never deleted, as the sequence would start again.
CREATE TABLE @schema@.topic (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    seq bigint NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE @schema@.event (
    topic_id bigint NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    message_id text,
    type text,
    key text,
    data bytea NOT NULL,
    ends boolean NOT NULL,
    PRIMARY KEY (topic_id, seq, at)
) PARTITION BY RANGE (at);

-- For events that applications publish while no node creates partitions; empty otherwise.
CREATE TABLE @schema@.event_default PARTITION OF @schema@.event DEFAULT;

CREATE TABLE @schema@.dedupe (
    topic_id bigint NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (topic_id, message_id)
);
CREATE INDEX dedupe_at ON @schema@.dedupe (at);

CREATE TABLE @schema@.claim (
    key bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX claim_expires_at ON @schema@.claim (expires_at);

-- Leases. They are written often and are not needed after a crash, because members renew them.
-- Without an index on expires_at, a renewal stays within its page.
CREATE UNLOGGED TABLE @schema@.presence (
    topic text COLLATE "C" NOT NULL,
    member text COLLATE "C" NOT NULL,
    info text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (topic, member)
) WITH (fillfactor = 50);

-- What the epoch of positions is derived from: this schema, the server's data, and its timeline, which
-- changes when a replica is promoted. The latter two are left out if the role may not read them.
CREATE FUNCTION @schema@.incarnation() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_all text;
BEGIN
    SELECT m.epoch INTO STRICT v_all FROM @schema@.meta m;
    BEGIN
        v_all := v_all || ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8);
    EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
        NULL;
    END;
    BEGIN
        v_all := v_all || ':' || (SELECT c.system_identifier FROM pg_control_system() c);
    EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
        NULL;
    END;
    RETURN v_all;
END
$$;

-- Every function here names pg_temp, and names it last. Otherwise it is searched first, and the caller
-- of a function could put types there.

-- Appends an event in the caller's transaction. A node limits the wait for the counter, which an
-- application's transaction may hold; if only the client gave up, the backend would keep waiting.
CREATE FUNCTION @schema@.append(
    p_topic text, p_id text, p_type text, p_key text, p_data bytea, p_ends boolean,
    p_window interval, p_lock_timeout text,
    OUT o_incarnation text, OUT o_seq bigint, OUT o_at timestamptz, OUT o_duplicate boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_topic bigint;
BEGIN
    IF p_lock_timeout IS NOT NULL THEN
        PERFORM set_config('lock_timeout', p_lock_timeout, true);
    END IF;
    -- A sequence that was read must survive a crash; otherwise another event would get it in the same
    -- epoch.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'local', true);
    END IF;
    o_incarnation := @schema@.incarnation();
    o_duplicate := false;
    -- The time is read while the row is locked, and never goes back. It therefore has the order of the
    -- sequence, and dropping a partition removes the oldest events and leaves no hole.
    INSERT INTO @schema@.topic AS t (name, seq, at)
    VALUES (p_topic, 1, date_trunc('milliseconds', clock_timestamp()))
    ON CONFLICT (name) DO UPDATE SET
        seq = t.seq + 1,
        at = greatest(t.at, date_trunc('milliseconds', clock_timestamp()))
    RETURNING t.id, t.seq, t.at INTO v_topic, o_seq, o_at;
    IF p_id IS NOT NULL THEN
        INSERT INTO @schema@.dedupe AS d (topic_id, message_id, seq, at)
        VALUES (v_topic, p_id, o_seq, o_at)
        ON CONFLICT (topic_id, message_id) DO UPDATE SET seq = excluded.seq, at = excluded.at
            WHERE d.at <= excluded.at - p_window;
        IF NOT FOUND THEN
            -- The sequence was not visible to anyone, and is given back while the row is locked.
            UPDATE @schema@.topic t SET seq = t.seq - 1 WHERE t.id = v_topic;
            SELECT d.seq, d.at INTO STRICT o_seq, o_at FROM @schema@.dedupe d
            WHERE d.topic_id = v_topic AND d.message_id = p_id;
            o_duplicate := true;
            RETURN;
        END IF;
    END IF;
    INSERT INTO @schema@.event (topic_id, seq, at, message_id, type, key, data, ends)
    VALUES (v_topic, o_seq, o_at, p_id, p_type, p_key, p_data, p_ends);
END
$$;

-- For applications: publishes in their own transaction. Live delivery follows the commit.
CREATE FUNCTION @schema@.longwave_publish(
    topic text, type text, data text,
    key text DEFAULT NULL, message_id text DEFAULT NULL, ends boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_control CONSTANT text := '[\u0001-\u001f\u007f-\u009f]';
    v_seq bigint;
    v_duplicate boolean;
BEGIN
    IF topic IS NULL OR octet_length(topic) NOT BETWEEN 1 AND 255 OR topic ~ v_control
            OR topic LIKE '/%' OR topic LIKE '%/' OR topic LIKE '%//%' THEN
        RAISE EXCEPTION 'bad topic: 1 to 255 bytes, no control character, no empty segment'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(type) NOT BETWEEN 1 AND 128 OR type ~ v_control THEN
        RAISE EXCEPTION 'bad type: 1 to 128 bytes, no control character'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(key) NOT BETWEEN 1 AND 256 OR key ~ v_control THEN
        RAISE EXCEPTION 'bad key: 1 to 256 bytes, no control character'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF message_id !~ '^[\u0021-\u007e]{1,128}$' THEN
        RAISE EXCEPTION 'bad message_id: 1 to 128 printable ASCII characters'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF data IS NULL OR octet_length(data) > 1048576 THEN
        RAISE EXCEPTION 'bad data: text of at most 1048576 bytes'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT a.o_seq, a.o_duplicate INTO v_seq, v_duplicate
    FROM @schema@.append(topic, message_id, type, key, convert_to(data, 'UTF8'),
        coalesce(ends, false), interval '2 minutes', NULL) a;
    IF NOT v_duplicate THEN
        -- Sent only if the transaction commits, and after that. Transactions that notify commit one at a
        -- time.
        PERFORM pg_notify('@channel@', v_seq || ' ' || topic);
    END IF;
    RETURN v_seq;
END
$$;

REVOKE ALL ON FUNCTION @schema@.longwave_publish(text, text, text, text, text, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION
    @schema@.append(text, text, text, text, bytea, boolean, interval, text) FROM PUBLIC;

INSERT INTO @schema@.meta (version, epoch) VALUES (1, gen_random_uuid()::text);
