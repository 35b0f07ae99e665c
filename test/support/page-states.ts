/** Tables whose pages are in every state that a heap page can be in without TOAST; what they hold no SELECT has touched. */
export const STATES = String.raw`
SET client_min_messages = error;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
CREATE DOMAIN posint AS int CHECK (value > 0);
CREATE DOMAIN posint2 AS posint;
-- frozen and all visible, made before a prepared transaction holds the horizon back; rows locked and deletes aborted afterwards
CREATE TABLE fz (id int, v text); INSERT INTO fz SELECT g, 'fz' || g FROM generate_series(1, 3000) g; DELETE FROM fz WHERE id % 4 = 0; VACUUM (FREEZE) fz;
BEGIN; DO $$ BEGIN PERFORM 1 FROM fz WHERE id % 5 = 0 FOR SHARE; END $$; COMMIT;
BEGIN; DO $$ BEGIN PERFORM 1 FROM fz WHERE id % 50 = 1 FOR UPDATE; END $$; ROLLBACK;
CREATE TABLE av (id int, v text); INSERT INTO av SELECT g, 'av' || g FROM generate_series(1, 3000) g; UPDATE av SET v = 'x' WHERE id % 3 = 0; VACUUM av;
DELETE FROM av WHERE id BETWEEN 700 AND 720; BEGIN; DELETE FROM av WHERE id BETWEEN 1500 AND 1520; ROLLBACK; BEGIN; UPDATE av SET v = 'lost' WHERE id = 2500; ROLLBACK;
-- visibility: HOT chains, aborted work, savepoints, row locks
CREATE TABLE s (id int PRIMARY KEY, v text, n numeric) WITH (fillfactor = 60);
INSERT INTO s SELECT g, 'row ' || g, g * 1.5 FROM generate_series(1, 2000) g;
UPDATE s SET v = v || ' hot' WHERE id % 10 = 1; UPDATE s SET v = v || ' hot2' WHERE id % 20 = 1; UPDATE s SET id = id + 100000 WHERE id % 50 = 2;
DELETE FROM s WHERE id % 37 = 0;
BEGIN; INSERT INTO s SELECT g, 'aborted', 0 FROM generate_series(3000, 3300) g; ROLLBACK;
BEGIN; DELETE FROM s WHERE id % 11 = 0; ROLLBACK; BEGIN; UPDATE s SET v = 'aborted' WHERE id % 13 = 0; ROLLBACK;
BEGIN; INSERT INTO s VALUES (4000, 'top', 1); SAVEPOINT a; INSERT INTO s VALUES (4001, 'sub kept', 1); SAVEPOINT b; INSERT INTO s VALUES (4002, 'sub lost', 1); DELETE FROM s WHERE id = 7; ROLLBACK TO b; UPDATE s SET v = 'by sub' WHERE id = 8; RELEASE a; COMMIT;
BEGIN; SAVEPOINT a; DELETE FROM s WHERE id BETWEEN 100 AND 120; ROLLBACK TO a; COMMIT; BEGIN; SAVEPOINT a; DELETE FROM s WHERE id BETWEEN 130 AND 140; RELEASE a; ROLLBACK;
DO $$ BEGIN FOR i IN 1..300 LOOP BEGIN INSERT INTO s VALUES (5000 + i, 'do ' || i, i); IF i % 3 = 0 THEN RAISE EXCEPTION 'x'; END IF; EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$;
DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 200 AND 210 FOR UPDATE; END $$; DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 211 AND 220 FOR KEY SHARE; END $$;
BEGIN; DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 221 AND 225 FOR UPDATE; END $$; ROLLBACK;
-- multixacts: prepared transactions hold the first lock
BEGIN; DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 230 AND 239 FOR KEY SHARE; END $$; PREPARE TRANSACTION 'm1';
DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 230 AND 232 FOR SHARE; END $$;
UPDATE s SET v = 'multi updater committed' WHERE id BETWEEN 233 AND 235; BEGIN; UPDATE s SET v = 'multi updater aborted' WHERE id BETWEEN 236 AND 238; ROLLBACK;
BEGIN; SAVEPOINT z; UPDATE s SET v = 'multi sub aborted' WHERE id = 239; ROLLBACK TO z; COMMIT;
BEGIN; DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 240 AND 245 FOR KEY SHARE; END $$; PREPARE TRANSACTION 'm2';
BEGIN; UPDATE s SET n = -1 WHERE id BETWEEN 240 AND 242; SAVEPOINT q; UPDATE s SET n = -2 WHERE id = 243; RELEASE q; COMMIT;
DO $$ BEGIN PERFORM 1 FROM s WHERE id BETWEEN 244 AND 245 FOR NO KEY UPDATE; END $$; COMMIT PREPARED 'm2';
BEGIN; DELETE FROM s WHERE id = 246; PREPARE TRANSACTION 'p1'; BEGIN; INSERT INTO s VALUES (6000, 'prepared', 0); SAVEPOINT a; INSERT INTO s VALUES (6001, 'prepared sub', 0); PREPARE TRANSACTION 'p2';
BEGIN; UPDATE s SET v = 'prepared update' WHERE id = 247; PREPARE TRANSACTION 'p3'; BEGIN; UPDATE s SET v = 'x' WHERE id = 248; PREPARE TRANSACTION 'p4'; COMMIT PREPARED 'p4';
BEGIN; INSERT INTO s VALUES (6002, 'prepared, rolled back', 0); PREPARE TRANSACTION 'p5'; ROLLBACK PREPARED 'p5';
BEGIN; INSERT INTO s VALUES (7000, 'same tx', 0); UPDATE s SET v = 'same tx 2' WHERE id = 7000; UPDATE s SET v = 'same tx 3' WHERE id = 7000; INSERT INTO s VALUES (7001, 'gone', 0); DELETE FROM s WHERE id = 7001; COMMIT;
INSERT INTO s SELECT g, NULL, NULL FROM generate_series(8000, 8050) g;
-- pruned and frozen, then changed; redirects and dead line pointers
CREATE TABLE f (id int, v text); INSERT INTO f SELECT g, 'f' || g FROM generate_series(1, 3000) g; DELETE FROM f WHERE id % 3 = 0; VACUUM (FREEZE) f; UPDATE f SET v = 'after freeze' WHERE id % 7 = 0; BEGIN; DELETE FROM f WHERE id % 11 = 0; ROLLBACK;
CREATE TABLE h (id int PRIMARY KEY, v int) WITH (fillfactor = 50); INSERT INTO h SELECT g, 0 FROM generate_series(1, 500) g; UPDATE h SET v = 1; UPDATE h SET v = 2 WHERE id % 2 = 0; VACUUM h; UPDATE h SET v = 3 WHERE id % 3 = 0;
-- columns: dropped, missing, generated, many
CREATE TABLE m (id int, gone text, k int); INSERT INTO m SELECT g, 'gone' || g, g FROM generate_series(1, 50) g;
ALTER TABLE m ADD COLUMN i int DEFAULT 7, ADD COLUMN t text DEFAULT 'dflt', ADD COLUMN nn numeric(10, 2) DEFAULT 12.5, ADD COLUMN nt numeric DEFAULT -0.00012345, ADD COLUMN b bool DEFAULT true, ADD COLUMN ts timestamptz DEFAULT '2020-01-02 03:04:05.6+00', ADD COLUMN big text DEFAULT repeat('missing ', 40), ADD COLUMN nul int, ADD COLUMN empty text DEFAULT '';
INSERT INTO m (id, gone, k, i) SELECT g, NULL, g, NULL FROM generate_series(51, 60) g;
ALTER TABLE m DROP COLUMN gone; ALTER TABLE m ADD COLUMN late float8 DEFAULT 1.25; ALTER TABLE m DROP COLUMN k; INSERT INTO m (id) VALUES (61); UPDATE m SET i = 8 WHERE id = 3;
ALTER TABLE m ADD COLUMN e mood DEFAULT 'meh', ADD COLUMN u uuid DEFAULT '11111111-2222-3333-4444-555555555555', ADD COLUMN ch "char" DEFAULT 'q', ADD COLUMN nm name DEFAULT 'nom', ADD COLUMN bp char(5) DEFAULT 'ab', ADD COLUMN iv interval DEFAULT '1 mon 2 days 00:00:03', ADD COLUMN ip inet DEFAULT '10.0.0.1', ADD COLUMN mo money DEFAULT 12.34;
CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int GENERATED BY DEFAULT AS IDENTITY); INSERT INTO g (a) SELECT generate_series(1, 20);
CREATE TABLE w (id int); DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('ALTER TABLE w ADD COLUMN c%s int', i); END LOOP; END $$; INSERT INTO w (id, c1, c9, c300) VALUES (1, 2, 3, 4), (2, NULL, NULL, 5); INSERT INTO w (id) SELECT g FROM generate_series(3, 50) g;
-- types
CREATE TABLE ty (id int, bo bool, by bytea, ch "char", na name, i8 int8, i2 int2, tx text, oi oid, f4 float4, f8 float8, mo money, mc macaddr, m8 macaddr8, ip inet, cd cidr, bp char(7), vc varchar(50), da date, tm time, st timestamp, sz timestamptz, iv interval, nu numeric, n2 numeric(20, 5), n3 numeric(38, 10), n4 numeric(9, 2), uu uuid, ls pg_lsn, js json, en mood, dm posint2);
INSERT INTO ty (id) VALUES (0);
INSERT INTO ty VALUES (1, true, '\xdeadbeef00', 'x', 'a name', -9223372036854775808, -32768, E'tab\t nl\n q" b\\ é', 4294967295, 1.5, 0.1, '-12345.67', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '192.168.1.5/24', '10.1.0.0/16', 'ab', 'va', '1999-12-31', '23:59:59.999999', '1969-07-20 20:17:40', '2038-01-19 03:14:07.123456+00', '1 year 2 mons 3 days 04:05:06.7', -123456789.987654321, 1.5, -1234567890123456789012345678.0123456789, -1234567.89, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '16/B374D848', '{"k" :  1}', 'meh', 5);
INSERT INTO ty (id, bo, by, ch, na, i8, i2, tx, f4, f8, mo, ip, cd, bp, vc, nu, n2, js) VALUES (2, false, '', '', '', 9223372036854775807, 32767, '', 'NaN', 'Infinity', '0', '::1', '2001:db8::/32', '', '', 'NaN', 0, 'null');
INSERT INTO ty (id, f4, f8, ip, st, sz, iv, nu, n2) VALUES (3, '-0', 1e-300, '::ffff:1.2.3.4', '0044-03-15 12:00 BC', '2000-01-01 00:00:00+00', 'PT0S', 1e-50, 0.00001);
INSERT INTO ty (id, ip, tx, nu) SELECT 10 + row_number() OVER (), ip::inet, repeat('z', (row_number() OVER ())::int + 120), 10::numeric ^ (row_number() OVER ())::int FROM unnest(ARRAY['::', '::1:0', '1::', '1:0:0:2::3', '::1.2.3.4', 'fe80::1/64', '0:0:1::', '1:2:3:4:5:6:7:8', '255.255.255.255', '0.0.0.0/0', '2001:0:0:1:0:0:0:1']) ip;
INSERT INTO ty (id, tx, by, nu, n2) SELECT 100 + g, repeat('abc' || g, g * 30), decode(repeat(md5(g::text), g), 'hex'), (g - 150)::numeric / (10 ^ (g % 12)::int)::numeric, g * 1.5 FROM generate_series(1, 60) g;
INSERT INTO ty (id, f4, f8, nu, st, iv, n4) SELECT 1000 + g, -g / 7.0, g / 3.0, (repeat('9', g) || '.' || repeat('1', g * 2))::numeric, timestamp '1900-01-01' + g * interval '37 days 1.000001 s', make_interval(0, g, 0, g - 150, 0, -g, g / 10.0), g * 12.25 FROM generate_series(1, 300) g;
CREATE TABLE bad (id int, d date); INSERT INTO bad SELECT g, date '2000-01-01' + g FROM generate_series(1, 1000) g; UPDATE bad SET d = 'infinity' WHERE id = 700;
CREATE TABLE big (id int, v text); ALTER TABLE big ALTER v SET STORAGE EXTERNAL; INSERT INTO big SELECT g, repeat('x', 100) FROM generate_series(1, 200) g; INSERT INTO big VALUES (201, repeat('x', 5000));
CREATE TABLE rw (id int, v text); INSERT INTO rw SELECT g, 'rw' || g FROM generate_series(1, 100) g; VACUUM FULL rw; TRUNCATE rw; INSERT INTO rw VALUES (1, 'after truncate');
INSERT INTO s VALUES (9000, 'late', 1); DELETE FROM s WHERE id = 9; BEGIN; DELETE FROM s WHERE id = 10; ROLLBACK; UPDATE s SET v = 'unhinted' WHERE id BETWEEN 11 AND 40;
BEGIN; SAVEPOINT z; INSERT INTO s VALUES (9100, 's', 0); ROLLBACK TO z; INSERT INTO s VALUES (9101, 's', 0); COMMIT;
`;

/** Once a snapshot has been taken: what it must not see, and what it must go on seeing. Table s stays without a hint. */
export const CHANGES_AFTER = `
INSERT INTO f VALUES (20000, 'later'); DELETE FROM f WHERE id BETWEEN 500 AND 600; UPDATE f SET v = 'later' WHERE id BETWEEN 601 AND 700; UPDATE h SET v = 9 WHERE id < 100; COMMIT PREPARED 'p2'; COMMIT PREPARED 'p1';
DELETE FROM fz WHERE id < 500; INSERT INTO av SELECT g, 'later' FROM generate_series(1, 500) g; UPDATE m SET t = 'later' WHERE id < 20;
VACUUM fz; VACUUM f; VACUUM h; INSERT INTO ty SELECT (ty).* FROM (SELECT ty FROM ty WHERE id < 200) x;
`;
