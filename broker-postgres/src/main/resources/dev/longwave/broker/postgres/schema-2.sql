-- Version 2: attributes of events. @schema@ and @channel@ are put in by Migrations.

-- Each attribute as name:value and a line feed, in the order of the names; NULL for none.
ALTER TABLE @schema@.event ADD COLUMN attributes text;

-- As append with eight parameters, which nodes of version 1 go on calling during an upgrade.
CREATE FUNCTION @schema@.append(
    p_topic text, p_id text, p_type text, p_key text, p_data bytea, p_attributes text, p_ends boolean,
    p_window interval, p_lock_timeout text,
    OUT o_incarnation text, OUT o_seq bigint, OUT o_at timestamptz, OUT o_duplicate boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_topic bigint;
BEGIN
    IF p_lock_timeout IS NOT NULL THEN
        PERFORM set_config('lock_timeout', p_lock_timeout, true);
    END IF;
    -- A sequence that was read must survive a crash; otherwise another event would get it in the same epoch.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'local', true);
    END IF;
    o_incarnation := @schema@.incarnation();
    o_duplicate := false;
    -- The time is read while the row is locked, and never goes back. It therefore has the order of the sequence, and
    -- dropping a partition removes the oldest events and leaves no hole.
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
    INSERT INTO @schema@.event (topic_id, seq, at, message_id, type, key, data, attributes, ends)
    VALUES (v_topic, o_seq, o_at, p_id, p_type, p_key, p_data, p_attributes, p_ends);
END
$$;
REVOKE ALL ON FUNCTION
    @schema@.append(text, text, text, text, bytea, text, boolean, interval, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @schema@.append(
    p_topic text, p_id text, p_type text, p_key text, p_data bytea, p_ends boolean,
    p_window interval, p_lock_timeout text,
    OUT o_incarnation text, OUT o_seq bigint, OUT o_at timestamptz, OUT o_duplicate boolean)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.o_incarnation, a.o_seq, a.o_at, a.o_duplicate
    FROM @schema@.append(p_topic, p_id, p_type, p_key, p_data, NULL, p_ends, p_window, p_lock_timeout) a
$$;

-- Attributes from JSON to the form that is stored, checked as a node checks those it receives.
CREATE FUNCTION @schema@.encoded_attributes(p_attributes jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_encoded text;
BEGIN
    IF p_attributes IS NULL OR p_attributes = 'null' THEN
        RETURN NULL;
    END IF;
    IF jsonb_typeof(p_attributes) <> 'object' THEN
        RAISE EXCEPTION 'bad attributes: an object of names and texts'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(p_attributes) e
            WHERE jsonb_typeof(e.value) <> 'string' OR e.key !~ '^[a-z0-9-]{1,64}$') THEN
        RAISE EXCEPTION 'bad attributes: names of 1 to 64 of a-z, 0-9 and -, and values that are texts'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each_text(p_attributes) e
            WHERE e.value = '' OR e.value ~ '[\u0001-\u001f\u007f-\u009f]'
            OR e.value LIKE ' %' OR e.value LIKE '% ') THEN
        RAISE EXCEPTION 'bad attributes: no value is empty, has a control character, or begins or ends with a space'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_attributes ? 'content-type' AND NOT p_attributes ->> 'content-type'
            ~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+/[A-Za-z0-9!#$%&''*+.^_`|~-]+ *(;.*)?$' THEN
        RAISE EXCEPTION 'bad attributes: content-type must be a media type, such as application/json'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF (SELECT count(*) > 16 OR sum(octet_length(e.key) + octet_length(e.value)) > 2048
            FROM jsonb_each_text(p_attributes) e) THEN
        RAISE EXCEPTION 'bad attributes: at most 16, with 2048 bytes of names and values together'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT string_agg(e.key || ':' || e.value || E'\n', '' ORDER BY e.key COLLATE "C") INTO v_encoded
    FROM jsonb_each_text(p_attributes) e;
    RETURN v_encoded;
END
$$;
REVOKE ALL ON FUNCTION @schema@.encoded_attributes(jsonb) FROM PUBLIC;

-- longwave_publish gets one more parameter, with a default. PostgreSQL cannot add a parameter to a function, so the old
-- one is dropped, and its privileges are granted on the new one. If a view or another object depends on the old one, it
-- stays as it is, without the new parameter.
DO $migration$
DECLARE
    v_old CONSTANT regprocedure := '@schema@.longwave_publish(text, text, text, text, text, boolean)';
    v_new CONSTANT text := '@schema@.longwave_publish(text, text, text, text, text, boolean, jsonb)';
    v_acl aclitem[] := (SELECT p.proacl FROM pg_proc p WHERE p.oid = v_old);
    v_grant record;
BEGIN
    BEGIN
        EXECUTE format('DROP FUNCTION %s', v_old);
    EXCEPTION WHEN dependent_objects_still_exist THEN
        RETURN;
    END;

    -- For applications: publishes in their own transaction. Live delivery follows the commit.
    CREATE FUNCTION @schema@.longwave_publish(
        topic text, type text, data text,
        key text DEFAULT NULL, message_id text DEFAULT NULL, ends boolean DEFAULT false,
        attributes jsonb DEFAULT NULL)
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
        IF type = 'gap' THEN
            RAISE EXCEPTION 'bad type: gap is reserved for the server'
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
            @schema@.encoded_attributes(attributes), coalesce(ends, false), interval '2 minutes', NULL) a;
        IF NOT v_duplicate THEN
            -- Sent only if the transaction commits, and after that. Transactions that notify commit one at a time.
            PERFORM pg_notify('@channel@', v_seq || ' ' || topic);
        END IF;
        RETURN v_seq;
    END
    $$;

    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', v_new);
    FOR v_grant IN
        SELECT a.grantee, a.is_grantable FROM aclexplode(v_acl) a
        WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> a.grantor
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s%s', v_new,
            CASE WHEN v_grant.grantee = 0 THEN 'PUBLIC' ELSE v_grant.grantee::regrole::text END,
            CASE WHEN v_grant.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
    END LOOP;
END
$migration$;

UPDATE @schema@.meta SET version = 2;
