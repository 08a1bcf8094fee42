import { totalmem } from 'node:os'

/** Returns the settings of the embedded server for the memory of this machine. */
export function ourSettings(): Record<string, string> {
  const memoryMb = Math.floor((process.constrainedMemory() || totalmem()) / 2 ** 20)
  const usableMb = Math.min(memoryMb, Math.floor(totalmem() / 2 ** 20))
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // A quarter of the memory, as is usual: with five million orders and only 2 GB, a twentieth of the time went into reading pages from
    // the operating system.
    shared_buffers: `${Math.max(64, Math.min(8192, Math.floor(usableMb / 4)))}MB`,
    effective_cache_size: `${Math.max(128, Math.floor(usableMb / 2))}MB`,
    maintenance_work_mem: `${Math.max(32, Math.min(512, Math.floor(usableMb / 16)))}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    // After each checkpoint every changed page is logged whole once: with one checkpoint every 25 s those were 2.3 pages an order, and most
    // of the log. A checkpoint starts at two thirds of this size, as it is to end half-way to the next. Recovery reads at most this much
    // log: 3.1 GB took 12 s, and the limit for a restart is 30 s.
    max_wal_size: '5GB',
    checkpoint_completion_target: '0.5',
    // This server has only pglz. It makes the pages of a large facet index a third smaller, but takes six times as long.
    wal_compression: 'off',
    random_page_cost: '1.1',
    // Queue tables change completely within minutes; with the defaults, autovacuum would come too late.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    autovacuum_vacuum_cost_limit: '1000',
    // Our statements are many and short, so compiling them costs more time than it saves.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Failing statements, "Key (…) already exists" and 'invalid input syntax: "…"' would write buyers' data into the log. With these levels
    // the server logs only messages about itself (log, fatal, panic); errors of statements are returned to us anyway.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
}
