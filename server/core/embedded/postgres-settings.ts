import { totalmem } from 'node:os'

export function ourSettings(): Record<string, string> {
  const memoryMb = Math.floor((process.constrainedMemory() || totalmem()) / 2 ** 20)
  const usableMb = Math.min(memoryMb, Math.floor(totalmem() / 2 ** 20))
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // A quarter of the memory, as is usual. With five million orders and 2 GB, a twentieth of the time went into reading pages from the
    // operating system.
    shared_buffers: `${Math.max(64, Math.min(8192, Math.floor(usableMb / 4)))}MB`,
    effective_cache_size: `${Math.max(128, Math.floor(usableMb / 2))}MB`,
    // Where many rows have a facet, the map of their pages must fit; with the usual 4 MB, reading 90,000 rows took three times as long.
    work_mem: `${Math.max(4, Math.min(16, Math.floor(usableMb / 512)))}MB`,
    maintenance_work_mem: `${Math.max(32, Math.min(512, Math.floor(usableMb / 16)))}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    // After a checkpoint, PostgreSQL logs each page whole at its first change. With a checkpoint every 25 s that was 2.3 pages an order,
    // most of the log; a large size makes checkpoints rare. After a crash the server reads at most this much log: 3.1 GB took 12 s, and a
    // restart may take 30 s.
    max_wal_size: '5GB',
    checkpoint_completion_target: '0.5',
    // This server has only pglz, which makes the pages of a large facet index a third smaller but takes six times as long.
    wal_compression: 'off',
    random_page_cost: '1.1',
    // Queue tables change completely within minutes, and with the defaults autovacuum would come too late.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    autovacuum_vacuum_cost_limit: '1000',
    // Our statements are many and short, so compiling them costs more time than it saves.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Messages of failed statements quote values, and so buyers' data: "Key (…) already exists". With these levels the server logs only
    // messages about itself; the client still gets the errors of its statements.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
}
