-- A store for the tests that kill. Account 1 is the person, account 2 somebody
-- else, whose rows lie between the person's: every fifth message is hers.
-- {messages}, {charges} and {files} say how many there are.
CREATE TABLE account (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE message (id bigint NOT NULL, account_id bigint NOT NULL, reply_to bigint, body text NOT NULL);
CREATE TABLE event (id bigint NOT NULL, message_id bigint NOT NULL, status text NOT NULL);
CREATE TABLE file (id bigint NOT NULL, message_id bigint NOT NULL, object_key text NOT NULL);
CREATE TABLE charge (id bigint NOT NULL, account_id bigint NOT NULL, payer text NOT NULL, cents integer NOT NULL);

INSERT INTO account VALUES (1, 'person@example.com'), (2, 'other@example.com');
INSERT INTO message SELECT n, CASE n % 5 WHEN 0 THEN 2 ELSE 1 END, CASE WHEN n > 50 AND n % 10 = 1 THEN n - 50 END, 'line ' || n FROM generate_series(1, {messages}) n;
INSERT INTO event SELECT n, n, 'sent' FROM generate_series(1, {messages}) n;
INSERT INTO file SELECT n, n, CASE n % 5 WHEN 0 THEN 'other/' ELSE 'person/' END || n FROM generate_series(1, {files}) n;
INSERT INTO charge SELECT n, CASE n % 5 WHEN 0 THEN 2 ELSE 1 END, CASE n % 5 WHEN 0 THEN 'other@example.com' ELSE 'person@example.com' END, n FROM generate_series(1, {charges}) n;

ALTER TABLE message ADD PRIMARY KEY (id), ADD FOREIGN KEY (account_id) REFERENCES account;
CREATE INDEX ON message (account_id);
CREATE INDEX ON message (reply_to) WHERE reply_to IS NOT NULL;
ALTER TABLE message ADD FOREIGN KEY (reply_to) REFERENCES message;
ALTER TABLE event ADD PRIMARY KEY (id);
CREATE INDEX ON event (message_id);
ALTER TABLE event ADD FOREIGN KEY (message_id) REFERENCES message;
ALTER TABLE file ADD PRIMARY KEY (id);
CREATE INDEX ON file (message_id);
ALTER TABLE file ADD FOREIGN KEY (message_id) REFERENCES message;
CREATE INDEX ON file (object_key);
ALTER TABLE charge ADD PRIMARY KEY (id), ADD FOREIGN KEY (account_id) REFERENCES account;
CREATE INDEX ON charge (account_id);
CREATE INDEX ON account (lower(email));
ANALYZE;
