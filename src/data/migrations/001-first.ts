/** The tables and views of DESIGN.md, and beside them our own bookkeeping. */
export const FIRST_MIGRATION = `
-- Must stay the first table: its root is page 2, where a file's sequence is looked up before it is opened.
CREATE TABLE applied (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL);
INSERT INTO applied VALUES (1, 0);

CREATE TABLE viewers (
  id TEXT PRIMARY KEY NOT NULL,
  login TEXT NOT NULL,
  display_name TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL
);
CREATE INDEX viewers_by_login ON viewers (login COLLATE NOCASE);
-- Only for names that are more than their login in other letters, such as Japanese ones.
CREATE INDEX viewers_by_name ON viewers (display_name COLLATE NOCASE)
  WHERE display_name <> login COLLATE NOCASE;

-- message_id is unique because every id is looked up in message_keys first; an index of random text would
-- cost more room than the ids themselves and a random page for each event.
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  event_data TEXT NOT NULL,
  viewer_id TEXT,
  channel_id TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  source TEXT NOT NULL
);

CREATE TABLE follower_history (
  id INTEGER PRIMARY KEY,
  viewer_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  action TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  source TEXT NOT NULL,
  event_id INTEGER
);

CREATE TABLE viewer_subscriptions (
  id INTEGER PRIMARY KEY,
  viewer_id TEXT,
  channel_id TEXT NOT NULL,
  tier TEXT NOT NULL,
  is_gift INTEGER NOT NULL,
  gifter_id TEXT,
  start_date TEXT,
  end_date TEXT,
  source TEXT NOT NULL,
  event_id INTEGER
);
CREATE INDEX subscriptions_by_viewer ON viewer_subscriptions (viewer_id) WHERE viewer_id IS NOT NULL;
CREATE INDEX subscriptions_open ON viewer_subscriptions (channel_id) WHERE end_date IS NULL;
CREATE INDEX subscriptions_gifts ON viewer_subscriptions (channel_id, tier, start_date) WHERE is_gift = 1;

CREATE TABLE viewer_roles (
  id INTEGER PRIMARY KEY,
  viewer_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  role_type TEXT NOT NULL,
  granted_at TEXT,
  revoked_at TEXT,
  source TEXT NOT NULL,
  event_id INTEGER
);
CREATE INDEX roles_by_viewer ON viewer_roles (viewer_id);
CREATE INDEX roles_open ON viewer_roles (channel_id, role_type) WHERE revoked_at IS NULL;

-- Chunks of 16-byte keys of every message id ever recorded; kept when events are pruned.
CREATE TABLE message_keys (chunk INTEGER PRIMARY KEY, keys BLOB NOT NULL);

-- Which subscription the last minute's events came from, so that copies are known after a restart.
CREATE TABLE arrivals (
  first_event INTEGER PRIMARY KEY,
  last_event INTEGER NOT NULL,
  event_type TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  first_sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL
);

-- The feed's order, by family, newest last: small whole numbers instead of an index of text.
CREATE TABLE feed (
  family INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (family, at, event)
) WITHOUT ROWID;

-- Each viewer's newest event and newest row of follower_history, by viewers.rowid; older ones hang on them.
CREATE TABLE latest (viewer INTEGER PRIMARY KEY, event INTEGER, follow INTEGER);
CREATE TABLE earlier_events (event INTEGER PRIMARY KEY, earlier INTEGER NOT NULL);
CREATE TABLE earlier_follows (follow INTEGER PRIMARY KEY, earlier INTEGER NOT NULL);
-- Rows of follower_history after which another of the same viewer and channel came.
CREATE TABLE superseded_follows (follow INTEGER PRIMARY KEY);

-- Which gift a gifted subscription belongs to. is_confirmed: Helix named the gifter.
CREATE TABLE gift_rows (
  subscription INTEGER PRIMARY KEY,
  gift_event INTEGER NOT NULL,
  subscribe_event INTEGER,
  is_confirmed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX gift_rows_by_gift ON gift_rows (gift_event);
CREATE INDEX gift_rows_by_subscribe ON gift_rows (subscribe_event) WHERE subscribe_event IS NOT NULL;

-- Sums for statistics: at is a quarter of an hour since 1970, or -1 for what is so now.
CREATE TABLE tallies (
  channel_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (channel_id, kind, at)
) WITHOUT ROWID;

CREATE TABLE sweep_marks (
  channel_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  has_baseline INTEGER NOT NULL DEFAULT 0,
  baseline_cursor TEXT,
  baseline_done INTEGER NOT NULL DEFAULT 0,
  last_completed_start_at TEXT,
  last_whole_at TEXT,
  total_offset INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (channel_id, kind)
) WITHOUT ROWID;
-- More missing than can be asked for singly: gone only if the next whole sweep misses them too.
CREATE TABLE sweep_suspects (
  channel_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  viewer_id TEXT NOT NULL,
  PRIMARY KEY (channel_id, kind, viewer_id)
) WITHOUT ROWID;

CREATE TABLE marks (name TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID;

-- Records that could not be understood, as they came.
CREATE TABLE set_aside (
  id INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  at TEXT NOT NULL,
  error TEXT NOT NULL,
  record TEXT NOT NULL
);

CREATE VIEW current_followers AS
SELECT h.viewer_id, v.login, v.display_name, h.channel_id, h.occurred_at AS followed_at, h.source, h.event_id
FROM follower_history h JOIN viewers v ON v.id = h.viewer_id
WHERE h.action = 'follow' AND h.id NOT IN (SELECT follow FROM superseded_follows);

CREATE VIEW subscription_status AS
SELECT s.viewer_id, v.login, v.display_name, s.channel_id, s.tier, s.is_gift, s.gifter_id, s.start_date,
  s.source, s.event_id
FROM viewer_subscriptions s JOIN viewers v ON v.id = s.viewer_id
WHERE s.end_date IS NULL AND s.viewer_id IS NOT NULL;

CREATE VIEW current_roles AS
SELECT r.viewer_id, v.login, v.display_name, r.channel_id, r.role_type, r.granted_at, r.source, r.event_id
FROM viewer_roles r JOIN viewers v ON v.id = r.viewer_id
WHERE r.revoked_at IS NULL;
`;
