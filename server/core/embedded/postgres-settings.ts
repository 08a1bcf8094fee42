import { totalmem } from 'node:os'

/** How the embedded server runs, by the size of the machine. */
export function ourSettings(): Record<string, string> {
  const memoryMb = Math.floor((process.constrainedMemory() || totalmem()) / 2 ** 20)
  const usableMb = Math.min(memoryMb, Math.floor(totalmem() / 2 ** 20))
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // A quarter, as is usual; a house of five million orders at 2 GB spent a twentieth of its time on fetching pages from the system.
    shared_buffers: `${Math.max(64, Math.min(8192, Math.floor(usableMb / 4)))}MB`,
    effective_cache_size: `${Math.max(128, Math.floor(usableMb / 2))}MB`,
    maintenance_work_mem: `${Math.max(32, Math.min(512, Math.floor(usableMb / 16)))}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    // After each checkpoint every page that is touched is logged whole: one every 25 s was 2.3 pages an order, and most of the log. One
    // comes at two thirds of this size, as its writing is done by half the way to the next. Recovery replays so much at most: 3.1 GB
    // took 12 s, and all must go on within 30.
    max_wal_size: '5GB',
    checkpoint_completion_target: '0.5',
    // The server knows pglz only. Of the pages that a large facet index writes it saves a third, at six times the time.
    wal_compression: 'off',
    random_page_cost: '1.1',
    // Queue tables turn over entirely within minutes; the defaults look at them too late.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    autovacuum_vacuum_cost_limit: '1000',
    // Our statements are many and short; compiling them costs more than it saves.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Failing statements, "Key (…) already exists" and 'invalid input syntax: "…"' would write buyers' data into the log. What the server
    // says of itself (log, fatal, panic) ranks above errors of statements; those are answered to us.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
}
