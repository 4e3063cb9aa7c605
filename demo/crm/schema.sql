CREATE TABLE IF NOT EXISTS counter (version INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);

CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS contacts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    relation_id TEXT,
    active INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    email TEXT NOT NULL,
    search TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS contacts_version ON contacts (version);
CREATE INDEX IF NOT EXISTS contacts_relation ON contacts (relation_id);
CREATE INDEX IF NOT EXISTS contacts_sort_name ON contacts (sort_name);

CREATE TABLE IF NOT EXISTS relations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    primary_contact_id TEXT,
    version INTEGER NOT NULL,
    search TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS relations_primary ON relations (primary_contact_id);

-- Contacts whose data nobody may change, until they are unlocked.
CREATE TABLE IF NOT EXISTS locks (contact_id TEXT PRIMARY KEY) WITHOUT ROWID;

-- A contact with the name of its relation, whether it is that relation's primary contact, and
-- whether it is locked. Made anew at each start: a state folder may hold an earlier form.
DROP VIEW IF EXISTS people;
CREATE VIEW people AS
    SELECT c.*, r.name AS relation_name, r.primary_contact_id IS c.id AS is_primary,
        l.contact_id IS NOT NULL AS locked
    FROM contacts c
    LEFT JOIN relations r ON r.id = c.relation_id
    LEFT JOIN locks l ON l.contact_id = c.id;

CREATE TABLE IF NOT EXISTS ticks (
    owner TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    PRIMARY KEY (owner, contact_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS selections (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS selected (
    selection_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    contact_id TEXT NOT NULL,
    PRIMARY KEY (selection_id, position)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sales (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    phase TEXT NOT NULL,
    value INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS phase_actions (
    phase TEXT NOT NULL,
    action_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (phase, action_id)
);

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS events_due ON events (state, due_at);

CREATE TABLE IF NOT EXISTS answers (
    idempotency_key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS opt_outs (
    seq INTEGER PRIMARY KEY,
    contact_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    at TEXT NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS opt_outs_contact ON opt_outs (contact_id);
