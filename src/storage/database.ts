import Database from 'better-sqlite3';
import { PocketCortexError } from '../model/errors.ts';
import { migrate, SCHEMA_VERSION } from './migrations.ts';

/** Says in the file's header whose file this is ("pkcx"). */
const APPLICATION_ID = 0x706b6378;
const PAGE_BYTES = 8192;
/** Copying this much takes a few milliseconds. */
const WAL_LIMIT_BYTES = 4 << 20;

/**
 * Opens and locks the file, brings its schema up to date. `:memory:` gives a database of this process.
 * @throws {PocketCortexError} `storage-locked`, `storage-too-new`, `storage-corrupt`
 */
export function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    // Waiting for a lock makes no sense: whoever has the file keeps it.
    database = new Database(path, { timeout: 0 });
    prepare(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw translateOpenError(error, path);
  }
}

/**
 * Runs `write` in a transaction; when it throws, nothing of it stays.
 * @throws {PocketCortexError} `internal`, with SQLite's error as its cause
 */
export function inTransaction(database: Database.Database, write: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    write();
    database.exec('COMMIT');
  } catch (error) {
    // Some errors (a full disk) have rolled back already.
    if (database.inTransaction) database.exec('ROLLBACK');
    const reason = error instanceof Error ? error.message : String(error);
    throw new PocketCortexError('internal', `writing to the database failed: ${reason}`, { cause: error });
  }
}

function prepare(database: Database.Database, path: string): void {
  // Nobody else may write, and with the lock held for good SQLite needs no shared memory file. The lock belongs to the
  // process: it is gone when the process is, however it ended.
  database.pragma('locking_mode = EXCLUSIVE');
  // Until the journal is chosen nothing is in the file that could be lost, and making a new one waits for the disk several times.
  database.pragma('synchronous = OFF');
  // Both hold only for a new file: blobs of a kilobyte fill pages of 8 better than of 4, and pages that a trimmed
  // log leaves can be given back without rewriting the file.
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('auto_vacuum = INCREMENTAL');
  const version = expectOwnFile(database, path);
  database.pragma('journal_mode = WAL');
  // A commit is then a write to the operating system, which survives the death of this process (what we promise);
  // FULL would add a wait for the disk, which only survives a loss of power.
  database.pragma('synchronous = NORMAL');
  // The log is copied into the file when it has this size, and reused: it does not grow beyond it for long.
  database.pragma(`wal_autocheckpoint = ${WAL_LIMIT_BYTES / PAGE_BYTES}`);
  database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES * 2}`);
  database.pragma('cache_size = -2000');
  // Deleting a tenant names every table itself; foreign keys would only cost a look-up for every row.
  database.pragma('foreign_keys = OFF');
  inTransaction(database, () => {
    if (version === 0) database.pragma(`application_id = ${APPLICATION_ID}`);
    migrate(database, version);
  });
}

/** The schema's version, 0 for a new file. */
function expectOwnFile(database: Database.Database, path: string): number {
  const version = database.pragma('user_version', { simple: true }) as number;
  const applicationId = database.pragma('application_id', { simple: true }) as number;
  const tableCount = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
  if (tableCount > 0 && applicationId !== APPLICATION_ID) {
    throw new PocketCortexError(
      'storage-corrupt',
      `${path} is an SQLite database of another program; choose another file`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new PocketCortexError(
      'storage-too-new',
      `${path} was written by a newer version (schema ${version}, this version knows ${SCHEMA_VERSION}); ` +
        'start that version, or choose another file',
    );
  }
  return version;
}

function translateOpenError(thrown: unknown, path: string): unknown {
  const error = thrown instanceof PocketCortexError && thrown.cause !== undefined ? thrown.cause : thrown;
  if (error instanceof PocketCortexError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new PocketCortexError(
      'storage-locked',
      `${path} is in use by another process; stop it, or choose another file`,
      { cause: error },
    );
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new PocketCortexError(
      'storage-corrupt',
      `${path} is damaged or no SQLite database (${message}); move it away to start with an empty one`,
      { cause: error },
    );
  }
  return new PocketCortexError('internal', `cannot open ${path}: ${message}`, { cause: error });
}
