/** What a burst of new viewers wrote one by one is written together: see `login-index.ts` and `first-runs.ts`. */
export const BURSTS_MIGRATION = `
-- In lower case (ASCII only), up to the viewer (viewers.rowid) that the mark says; those after it are few enough to be
-- looked through.
CREATE TABLE logins (login TEXT NOT NULL, viewer INTEGER NOT NULL, PRIMARY KEY (login, viewer)) WITHOUT ROWID;
INSERT INTO logins SELECT lower(login), rowid FROM viewers ORDER BY lower(login), rowid;
INSERT INTO marks SELECT 'loginsTo', coalesce(max(rowid), 0) FROM viewers;
DROP INDEX viewers_by_login;

-- So many viewers, one after the other, whose first rows of events (null: of none) and of follower_history lie one after
-- the other as well. latest has only what came after them: where it says nothing of a viewer, these are the newest.
CREATE TABLE first_runs (viewer INTEGER PRIMARY KEY, count INTEGER NOT NULL, event INTEGER, follow INTEGER NOT NULL);
`;
