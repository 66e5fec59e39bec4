-- Version 3: batches, times of previous events, deletion, and stricter checks. @schema@ and @channel@ are put in by Migrations.

-- The epoch of positions no longer depends on the server. The time of an event tells whether its log was put back from a
-- copy, or lost its newest events, so a replica that has all events can be promoted without a gap. The epoch keeps the
-- value that it has now, as clients have positions with it.
UPDATE @schema@.meta SET epoch = @schema@.incarnation();
CREATE OR REPLACE FUNCTION @schema@.incarnation() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.epoch FROM @schema@.meta m
$$;

-- The longest data that longwave_publish accepts; each node sets it when it starts.
ALTER TABLE @schema@.meta ADD COLUMN max_message_bytes int NOT NULL DEFAULT 1048576;

-- When the event before this one in its topic was published, so that a reader can verify where it is; NULL if there is
-- none, or if a node of an older version stored the event.
ALTER TABLE @schema@.event ADD COLUMN prev_at timestamptz;

-- All events up to deleted_seq are deleted. While erase_due is set, their rows may still exist, and are not read.
ALTER TABLE @schema@.topic
    ADD COLUMN deleted_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN deleted_at timestamptz,
    ADD COLUMN erase_due boolean NOT NULL DEFAULT false;
CREATE INDEX topic_erase_due ON @schema@.topic (id) WHERE erase_due;

-- topic.at becomes the time of the newest event. A dropped duplicate has changed it until now.
UPDATE @schema@.topic t SET at = e.at
FROM @schema@.event e WHERE e.topic_id = t.id AND e.seq = t.seq AND e.at <> t.at;

-- What each node's settings say, so that the nodes notice if they differ. Nodes write it again every minute.
CREATE UNLOGGED TABLE @schema@.node (
    name text COLLATE "C" PRIMARY KEY,
    settings text NOT NULL,
    seen_at timestamptz NOT NULL
);

-- Stores events in the caller's transaction. The elements of the arrays with one index are one event. A node limits the
-- wait for the counters of the topics, which an application's transaction may hold.
CREATE FUNCTION @schema@.store(
    p_topics text[], p_ids text[], p_types text[], p_keys text[], p_data bytea[], p_attributes text[], p_ends boolean[],
    p_window interval, p_lock_timeout text)
RETURNS TABLE (
    o_nth int, o_epoch text, o_seq bigint, o_at timestamptz, o_prev_at timestamptz, o_duplicate boolean, o_flushed boolean)
LANGUAGE plpgsql
-- Always by index: the statistics of a table with a few topics say nothing about one with a million.
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_remembers CONSTANT boolean := p_window > interval '0';
    v_epoch text;
    v_now timestamptz;
    v_ids bigint[];
    v_names text[];
    v_seqs bigint[];
    v_ats timestamptz[];
BEGIN
    IF p_lock_timeout IS NOT NULL THEN
        PERFORM set_config('lock_timeout', p_lock_timeout, true);
    END IF;
    -- A sequence that was read must survive a crash; otherwise another event would get it in the same epoch.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'local', true);
    END IF;
    SELECT m.epoch INTO STRICT v_epoch FROM @schema@.meta m WHERE m.one;

    -- In the order of the names: transactions that lock counters in different orders deadlock.
    INSERT INTO @schema@.topic (name, seq, at)
    SELECT DISTINCT n.name, 0, timestamptz 'epoch' FROM unnest(p_topics) n (name)
    WHERE NOT EXISTS (SELECT FROM @schema@.topic t WHERE t.name = n.name)
    ORDER BY n.name
    ON CONFLICT (name) DO NOTHING;
    SELECT array_agg(l.id), array_agg(l.name), array_agg(l.seq), array_agg(l.at) INTO v_ids, v_names, v_seqs, v_ats
    FROM (SELECT t.id, t.name, t.seq, t.at FROM @schema@.topic t WHERE t.name = ANY (p_topics)
          ORDER BY t.name FOR UPDATE) l;

    -- The time is read while the rows are locked, and never goes back. It therefore has the order of the sequence, and
    -- dropping a partition removes the oldest events and leaves no hole.
    v_now := date_trunc('milliseconds', clock_timestamp());
    RETURN QUERY
    WITH message AS MATERIALIZED (
        SELECT u.nth, l.id AS topic_id, l.seq AS base, l.at AS base_at, d.seq AS known_seq, d.at AS known_at,
               CASE WHEN v_remembers AND u.id IS NOT NULL THEN min(u.nth) OVER (PARTITION BY u.topic, u.id) END
                   AS first_nth,
               u.id, u.type, u.key, u.data, u.attributes, u.ends
        FROM unnest(p_topics, p_ids, p_types, p_keys, p_data, p_attributes, p_ends)
            WITH ORDINALITY u (topic, id, type, key, data, attributes, ends, nth)
        JOIN unnest(v_ids, v_names, v_seqs, v_ats) l (id, name, seq, at) ON l.name = u.topic
        LEFT JOIN @schema@.dedupe d ON d.topic_id = l.id AND d.message_id = u.id AND d.at > v_now - p_window
    ), kept AS MATERIALIZED (
        SELECT m.nth, m.topic_id, m.base + row_number() OVER w AS seq, greatest(m.base_at, v_now) AS at,
               CASE WHEN row_number() OVER w > 1 THEN greatest(m.base_at, v_now)
                    WHEN m.base > 0 THEN m.base_at END AS prev_at,
               m.id, m.type, m.key, m.data, m.attributes, m.ends
        FROM message m
        WHERE m.known_seq IS NULL AND (m.first_nth IS NULL OR m.first_nth = m.nth)
        WINDOW w AS (PARTITION BY m.topic_id ORDER BY m.nth)
    ), stored AS (
        INSERT INTO @schema@.event (topic_id, seq, at, prev_at, message_id, type, key, data, attributes, ends)
        SELECT k.topic_id, k.seq, k.at, k.prev_at, k.id, k.type, k.key, k.data, k.attributes, k.ends FROM kept k
    ), remembered AS (
        INSERT INTO @schema@.dedupe (topic_id, message_id, seq, at)
        SELECT k.topic_id, k.id, k.seq, k.at FROM kept k WHERE v_remembers AND k.id IS NOT NULL
        ON CONFLICT (topic_id, message_id) DO UPDATE SET seq = excluded.seq, at = excluded.at
    ), counted AS (
        UPDATE @schema@.topic t SET seq = n.seq, at = n.at
        FROM (SELECT k.topic_id, max(k.seq) AS seq, max(k.at) AS at FROM kept k GROUP BY k.topic_id) n
        WHERE t.id = n.topic_id
    )
    SELECT m.nth::int, v_epoch, coalesce(m.known_seq, k.seq), coalesce(m.known_at, k.at), k.prev_at,
           k.nth IS DISTINCT FROM m.nth,
           current_setting('synchronous_commit') <> 'off' AND current_setting('fsync') = 'on'
    FROM message m
    LEFT JOIN kept k ON m.known_seq IS NULL AND k.nth = coalesce(m.first_nth, m.nth);
END
$$;
REVOKE ALL ON FUNCTION
    @schema@.store(text[], text[], text[], text[], bytea[], text[], boolean[], interval, text) FROM PUBLIC;

-- Nodes of versions 1 and 2 go on calling append during an upgrade.
CREATE OR REPLACE FUNCTION @schema@.append(
    p_topic text, p_id text, p_type text, p_key text, p_data bytea, p_attributes text, p_ends boolean,
    p_window interval, p_lock_timeout text,
    OUT o_incarnation text, OUT o_seq bigint, OUT o_at timestamptz, OUT o_duplicate boolean)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.o_epoch, s.o_seq, s.o_at, s.o_duplicate
    FROM @schema@.store(ARRAY[p_topic], ARRAY[p_id], ARRAY[p_type], ARRAY[p_key], ARRAY[p_data], ARRAY[p_attributes],
        ARRAY[p_ends], p_window, p_lock_timeout) s
$$;

-- What is wrong with a topic's name; NULL if nothing is. The same rules as for a topic in a URL: no control, format, or
-- separator characters, no empty segment, no pattern, and none of the server's own topics.
CREATE FUNCTION @schema@.topic_fault(p_topic text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p_topic IS NULL OR octet_length(p_topic) NOT BETWEEN 1 AND 255 THEN '1 to 255 bytes'
        WHEN p_topic ~ ('[\u0001-\u001f\u007f-\u009f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e'
            || '\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd'
            || '\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]')
            THEN 'no control or format characters'
        WHEN p_topic LIKE '/%' OR p_topic LIKE '%/' OR p_topic LIKE '%//%' THEN 'no empty segment'
        WHEN p_topic ~ '(^|/)[*][*]?(/|$)' THEN 'no pattern'
        WHEN p_topic = '$longwave' OR p_topic LIKE '$longwave/%' THEN 'topics of $longwave are for servers only'
    END
$$;
REVOKE ALL ON FUNCTION @schema@.topic_fault(text) FROM PUBLIC;

-- The body of longwave_publish.
CREATE FUNCTION @schema@.publish_checked(
    p_topic text, p_type text, p_data text, p_key text, p_message_id text, p_ends boolean, p_attributes jsonb)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_control CONSTANT text := '[\u0001-\u001f\u007f-\u009f]';
    v_fault CONSTANT text := @schema@.topic_fault(p_topic);
    v_max CONSTANT int := (SELECT m.max_message_bytes FROM @schema@.meta m);
    v_seq bigint;
    v_at timestamptz;
    v_duplicate boolean;
BEGIN
    IF v_fault IS NOT NULL THEN
        RAISE EXCEPTION 'bad topic: %', v_fault USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(p_type) NOT BETWEEN 1 AND 128 OR p_type ~ v_control THEN
        RAISE EXCEPTION 'bad type: 1 to 128 bytes, no control character'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_type = 'gap' THEN
        RAISE EXCEPTION 'bad type: gap is reserved for the server'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(p_key) NOT BETWEEN 1 AND 256 OR p_key ~ v_control THEN
        RAISE EXCEPTION 'bad key: 1 to 256 bytes, no control character'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_message_id !~ '^[\u0021-\u007e]{1,128}$' THEN
        RAISE EXCEPTION 'bad message_id: 1 to 128 printable ASCII characters'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_data IS NULL OR octet_length(p_data) > v_max THEN
        RAISE EXCEPTION 'bad data: text of at most % bytes', v_max
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT s.o_seq, s.o_at, s.o_duplicate INTO v_seq, v_at, v_duplicate
    FROM @schema@.store(ARRAY[p_topic], ARRAY[p_message_id], ARRAY[p_type], ARRAY[p_key],
        ARRAY[convert_to(p_data, 'UTF8')], ARRAY[@schema@.encoded_attributes(p_attributes)],
        ARRAY[coalesce(p_ends, false)], interval '2 minutes', NULL) s;
    IF NOT v_duplicate THEN
        -- Sent only if the transaction commits, and after that. Transactions that notify commit one at a time.
        PERFORM pg_notify('@channel@', v_seq || '~' || floor(extract(epoch FROM v_at) * 1000)::bigint || ' ' || p_topic);
    END IF;
    RETURN v_seq;
END
$$;
REVOKE ALL ON FUNCTION @schema@.publish_checked(text, text, text, text, text, boolean, jsonb) FROM PUBLIC;

-- For applications: publishes in their own transaction. Live delivery follows the commit. If a view or another object
-- depends on the function of version 1, that one still exists instead.
DO $migration$
BEGIN
    IF to_regprocedure('@schema@.longwave_publish(text, text, text, text, text, boolean, jsonb)') IS NOT NULL THEN
        CREATE OR REPLACE FUNCTION @schema@.longwave_publish(
            topic text, type text, data text,
            key text DEFAULT NULL, message_id text DEFAULT NULL, ends boolean DEFAULT false,
            attributes jsonb DEFAULT NULL)
        RETURNS bigint
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT @schema@.publish_checked(
                longwave_publish.topic, longwave_publish.type, longwave_publish.data, longwave_publish.key,
                longwave_publish.message_id, longwave_publish.ends, longwave_publish.attributes)
        $$;
    END IF;
    IF to_regprocedure('@schema@.longwave_publish(text, text, text, text, text, boolean)') IS NOT NULL THEN
        CREATE OR REPLACE FUNCTION @schema@.longwave_publish(
            topic text, type text, data text,
            key text DEFAULT NULL, message_id text DEFAULT NULL, ends boolean DEFAULT false)
        RETURNS bigint
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT @schema@.publish_checked(
                longwave_publish.topic, longwave_publish.type, longwave_publish.data, longwave_publish.key,
                longwave_publish.message_id, longwave_publish.ends, NULL)
        $$;
    END IF;
END
$migration$;

UPDATE @schema@.meta SET version = 3;
