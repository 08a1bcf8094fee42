import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { minuteMs } from '../../lib/time.ts'

// 审计链: every minute the owner of the tables adds new audit rows to a chain of hashes. The application's role cannot write the chain. Each
// hash is also written to a log file, so a chain that was changed in the database no longer matches the log. `npm run check-audit` checks
// the chain.

export type ChainLink = { id: string; rows: number; hash: string }

/**
 * At most this many audit rows are in one link, except in the first link after the database moved to another server. It limits the memory
 * for the first link of a database that has many audit rows already.
 */
const mostRows = 10_000

/**
 * The SQL text of an audit row that is hashed. Every server must print it in the same way, or the hashes would not match after the database
 * moved.
 */
const rowText = `jsonb_build_array(a.id, extract(epoch from a.at)::text, a.actor_kind, a.actor_id, a.actor_name, a.action, a.subject_type,
  a.subject_id, a.shop_id, a.detail, a.ip, a.request_id)::text`

/**
 * Adds one link to the chain and returns it; undefined if no row can be linked yet. The link ends before the first row whose transaction
 * may still add rows; a later link includes the rest. In a database that was copied to another server, transaction ids begin again at a low
 * number; then the link includes all rows that are in no link.
 */
export async function linkAuditRows(client: pg.Client, limit = mostRows): Promise<ChainLink | undefined> {
  await client.query('begin')
  try {
    await client.query(
      `select pg_advisory_xact_lock(hashtextextended('audit seal of ' || current_schema(), 0))`,
    )
    const { rows } = await client.query<ChainLink>(
      `with known as (
        select last_xid, last_id, hash from audit_seal order by id desc limit 1
      ), now as (
        select pg_snapshot_xmin(s) as running, pg_snapshot_xmax(s) as next from pg_current_snapshot() s
      ), mark as (
        select coalesce(k.last_xid, '0') as xid, coalesce(k.last_id, 0) as id, coalesce(k.hash, ''::bytea) as hash,
          now.running, now.next, coalesce(k.last_xid >= now.next, false) as elsewhere
        from now left join known k on true
      ), picked as (
        (select a.* from audit_log a
         where not (select elsewhere from mark) and a.xid < (select running from mark)
           and (a.xid, a.id) > ((select xid from mark), (select id from mark))
           and not exists (select from audit_seal s where s.ids @> a.id)
         order by a.xid, a.id limit $1)
        union all
        select a.* from audit_log a
        where (select elsewhere from mark)
          and (a.xid < (select running from mark) or a.xid >= (select next from mark))
          and not exists (select from audit_seal s where s.ids @> a.id)
      ), linked as (
        select range_agg(int8range(a.id, a.id, '[]')) as ids, count(*)::int as n, string_agg(${rowText}, e'\\n' order by a.id) as text,
          max(a.xid) as xid from picked a
      )
      insert into audit_seal (ids, row_count, last_xid, last_id, previous, hash)
      select l.ids, l.n, case when m.elsewhere then (m.running::text::numeric - 1)::text::xid8 else l.xid end,
        case when m.elsewhere then 0 else (select max(id) from picked p where p.xid = l.xid) end,
        m.hash, sha256(m.hash || convert_to(l.text, 'UTF8'))
      from linked l, mark m where l.n > 0
      returning id, row_count as rows, encode(hash, 'hex') as hash`,
      [limit],
    )
    await client.query('commit')
    return rows[0]
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

export type AuditFinding = { seal: string; wrong: 'link' | 'rows' | 'content' }
export type AuditCheck = {
  seals: number
  rows: number
  findings: AuditFinding[]
  /** Number of rows that are in no link although a later row is; they were inserted with an old transaction id. */
  between: number
  /** Number of rows after the last link. */
  waiting: number
  head: string
  /** True if a link of the chain has the given hash; undefined if no hash was given. */
  knowsHead: boolean | undefined
}

/** Checks every link of the chain, from the first one. `head`: a hash that was written to the log file; the chain must still contain it. */
export async function checkAudit(client: pg.Client, head?: string): Promise<AuditCheck> {
  const check: AuditCheck = {
    seals: 0,
    rows: 0,
    findings: [],
    between: 0,
    waiting: 0,
    head: '',
    knowsHead: head === undefined ? undefined : false,
  }
  for (let after = '0'; ; ) {
    const links = await linksAfter(client, after)
    for (const link of links) {
      if (link.previous !== check.head) check.findings.push({ seal: link.id, wrong: 'link' })
      if (link.found !== link.rows) check.findings.push({ seal: link.id, wrong: 'rows' })
      else if (!link.right) check.findings.push({ seal: link.id, wrong: 'content' })
      check.seals += 1
      check.rows += link.rows
      check.head = link.hash
      if (link.hash === head) check.knowsHead = true
      after = link.id
    }
    if (links.length === 0) break
  }
  const { rows } = await client.query<{ between: number; waiting: number }>(`
    with loose as (select a.xid, a.id from audit_log a where not exists (select from audit_seal s where s.ids @> a.id)),
    last as (select last_xid, last_id from audit_seal order by id desc limit 1)
    select count(*) filter (where (loose.xid, loose.id) <= (last.last_xid, last.last_id))::int as between,
      count(*) filter (where last.last_xid is null or (loose.xid, loose.id) > (last.last_xid, last.last_id))::int as waiting
    from loose left join last on true`)
  return { ...check, ...(rows[0] ?? {}) }
}

type Link = { id: string; rows: number; found: number; right: boolean; previous: string; hash: string }

async function linksAfter(client: pg.Client, after: string): Promise<Link[]> {
  const { rows } = await client.query<Link>(
    `select s.id, s.row_count as rows, here.n as found, encode(s.previous, 'hex') as previous, encode(s.hash, 'hex') as hash,
      s.hash = sha256(s.previous || convert_to(coalesce(here.text, ''), 'UTF8')) as right
    from (select * from audit_seal where id > $1 order by id limit 100) s
    cross join lateral (
      select count(*)::int as n, string_agg(${rowText}, e'\\n' order by a.id) as text
      from unnest(s.ids) r join audit_log a on a.id >= lower(r) and a.id < upper(r)
    ) here
    order by s.id`,
    [after],
  )
  return rows
}

/** Links new audit rows every minute until stopped. An error is reported to `failed`; the next minute tries again. */
export function startAuditChain(options: {
  url: () => string
  sealed: (seal: ChainLink) => void
  failed: (error: unknown) => void
}): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const ended = (async () => {
    while (!signal.aborted) {
      await linkAllAuditRows({ url: options.url(), sealed: options.sealed, signal }).catch(options.failed)
      await sleep(minuteMs, undefined, { signal }).catch(() => {})
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

type LinkAll = { url: string; sealed: (seal: ChainLink) => void; signal?: AbortSignal }

export async function linkAllAuditRows({ url, sealed, signal }: LinkAll): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'sanyi audit',
    keepAlive: true,
    // Stopping the installation waits for this connection to end, so connecting and querying have time limits.
    connectionTimeoutMillis: 10_000,
    query_timeout: minuteMs,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    while (!signal?.aborted) {
      const seal = await linkAuditRows(client)
      if (!seal) return
      sealed(seal)
    }
  } finally {
    await client.end()
  }
}
