/** Names in an index that is brought up now and then, instead of with each new viewer: see `login-index.ts`. */
export const LOGINS_MIGRATION = `
-- In lower case (ASCII only), up to the viewer (viewers.rowid) that the mark says; those after it are few enough to be looked through.
CREATE TABLE logins (
  login TEXT NOT NULL,
  viewer INTEGER NOT NULL,
  PRIMARY KEY (login, viewer)
) WITHOUT ROWID;
INSERT INTO logins SELECT lower(login), rowid FROM viewers ORDER BY lower(login), rowid;
INSERT INTO marks SELECT 'loginsTo', coalesce(max(rowid), 0) FROM viewers;
DROP INDEX viewers_by_login;
`;
