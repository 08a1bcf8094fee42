import { setTimeout as sleep } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import Type from 'typebox'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import { type Column, unnestRows } from '../../lib/unnest.ts'
import type { Database, Tx } from '../db/db.ts'
import { defineInstallationTaskKind } from '../tasks/kinds.ts'

/**
 * A column (or similar) that stores sealed values. Each slice defines its own; `worker.ts` lists them in the order in which they are
 * resealed.
 */
export type SealedPlace = {
  /** Table and column: "staged_trade.personal" */
  name: string
  /** Counts the sealed values by the number of their sealing key. Reads the whole table. */
  uses(db: Database): Promise<Map<number, number>>
  sample?(db: Database | Tx): Promise<{ boundTo: string; sealed: Buffer } | undefined>
  /** True if any value is sealed with the key of this number. */
  names(db: Database, key: number): Promise<boolean>
  /** Walks over all rows once and seals again every value whose key is not the current one. */
  reseal(walk: Walk): Promise<WalkCounts>
}

export type Walk = { db: Database; ring: KeyRing; signal: AbortSignal }

/** `failed`: the number of values that could not be opened; they stay as they are. */
export type WalkCounts = { seen: number; resealed: number; failed: number }

export type Opened = { plain: Buffer; boundTo: string }

type Resealed = Opened & { key: readonly string[]; old: Buffer; fresh: Buffer }

type SealedColumn = {
  table: string
  column: string
  key: readonly (readonly [column: string, type: 'int8' | 'text'])[]
  /** SQL for the text that the seal is bound to: `shop_id::text`, or one word for the whole table. */
  boundTo: RawBuilder<unknown>
  /**
   * Further columns whose values are computed from the opened value, such as facets that are keyed hashes. `columns` adds them to the row
   * `d`; `set` is the SQL that copies them to the table `t`.
   */
  along?: {
    columns: (ring: KeyRing) => readonly Column<Opened>[]
    set: RawBuilder<unknown>
  }
}

const slice = 500

/** Milliseconds between two slices of rows, so that downloads and users get the database first. */
const restMs = 10

/**
 * Defines a column of sealed bytes. Rows are read, sealed in this process and written slice by slice. A run that died can start again from
 * the beginning, because resealed values are skipped.
 */
export function sealedColumn(place: SealedColumn): SealedPlace {
  const table = sql.table(place.table)
  const column = sql`t.${sql.ref(place.column)}`
  // The second byte of a value is its key number. To read it, PostgreSQL loads only the start of the value, even if the value is stored out
  // of line.
  const keyByte = sql`substr(${column}, 2, 1)`
  return {
    name: `${place.table}.${place.column}`,
    async uses(db) {
      const found = await sql<Record<'key', Buffer> & { count: string }>`
        select ${keyByte} as key, count(*) as count from ${table} t where ${column} is not null group by 1`.execute(
        db,
      )
      return new Map(found.rows.map((row) => [row.key[0] ?? 0, Number(row.count)]))
    },
    async sample(db) {
      const found = await sql<{ boundTo: string } & Record<'sealed', Buffer>>`
        select ${place.boundTo} as "boundTo", ${column} as sealed from ${table} t where ${column} is not null limit 1`.execute(
        db,
      )
      return found.rows[0]
    },
    async names(db, key) {
      const found = await sql<{ used: boolean }>`
        select exists (select from ${table} t where ${keyByte} = ${byte(key)}) as used`.execute(db)
      return found.rows[0]?.used ?? false
    },
    async reseal({ db, ring, signal }) {
      const counts: WalkCounts = { seen: 0, resealed: 0, failed: 0 }
      for (let after: readonly string[] | undefined; ; ) {
        signal.throwIfAborted()
        const rows = await readSlice(db, place, after, ring.current.number)
        const last = rows.at(-1)
        if (!last) return counts
        after = last.key
        const fresh = rows.flatMap((row) => sealAnew(ring, row, counts))
        counts.seen += rows.length
        if (fresh.length === 0) continue
        counts.resealed += await writeSlice(db, ring, place, fresh)
        await sleep(restMs)
      }
    },
  }
}

type SliceRow = { boundTo: string } & Record<'key', string[]> & Record<'sealed', Buffer | null>

/** Reads the next rows in the order of the primary key. `sealed` is null if the value has the key `current` already. */
async function readSlice(
  db: Database,
  { table, column, key, boundTo }: SealedColumn,
  after: readonly string[] | undefined,
  current: number,
): Promise<SliceRow[]> {
  const columns = sql.join(key.map(([name]) => sql`t.${sql.ref(name)}`))
  const cursor = after && sql.join(key.map(([, type], at) => sql`${after[at]}::${sql.raw(type)}`))
  const value = sql`t.${sql.ref(column)}`
  const found = await sql<SliceRow>`
    select array[${sql.join(key.map(([name]) => sql`t.${sql.ref(name)}::text`))}] as key, ${boundTo} as "boundTo",
      case when substr(${value}, 2, 1) <> ${byte(current)} then ${value} end as sealed
    from ${sql.table(table)} t
    where ${cursor ? sql`(${columns}) > (${cursor})` : sql`true`}
    order by ${columns} limit ${slice}`.execute(db)
  return found.rows
}

function sealAnew(ring: KeyRing, { key, boundTo, sealed }: SliceRow, counts: WalkCounts): Resealed[] {
  if (!sealed) return []
  try {
    const plain = unseal(ring, boundTo, sealed)
    return [{ key, old: sealed, fresh: seal(ring, boundTo, plain), plain, boundTo }]
  } catch {
    counts.failed += 1
    return []
  }
}

/**
 * Writes the resealed values. A row whose value has changed since it was read is skipped, because the new value has the current key
 * already.
 */
async function writeSlice(
  db: Database,
  ring: KeyRing,
  { table, column, key, along }: SealedColumn,
  rows: readonly Resealed[],
): Promise<number> {
  const columns: Column<Resealed>[] = [
    ...key.map(([name, type], at): Column<Resealed> => [`key_${name}`, type, (row) => row.key[at] ?? '']),
    ['old_value', 'bytea', (row) => row.old],
    ['new_value', 'bytea', (row) => row.fresh],
    ...(along?.columns(ring) ?? []),
  ]
  const same = key.map(([name]) => sql`t.${sql.ref(name)} = d.${sql.ref(`key_${name}`)}`)
  const written = await sql`
    update ${sql.table(table)} t set ${sql.ref(column)} = d.new_value ${along ? sql`, ${along.set}` : sql``}
    from ${unnestRows('d', rows, columns)}
    where ${sql.join(same, sql` and `)} and t.${sql.ref(column)} = d.old_value`.execute(db)
  return Number(written.numAffectedRows ?? 0)
}

function byte(value: number): Buffer {
  return Buffer.from([value])
}

const kind = 'reseal'
const mostPasses = 3

/**
 * 换密钥: seals all values of older keys with the current key, so that the older keys can be dropped. Other transactions copy sealed values
 * between tables during the walk, so the places are walked again until a pass finds nothing to reseal, at most three times.
 */
export function resealing(ring: KeyRing, places: readonly SealedPlace[]) {
  return defineInstallationTaskKind({
    kind,
    name: { zh: '更换密钥', en: 'Change of keys' },
    params: Type.Object({}, { additionalProperties: false }),
    // `npm run keys -- add` also makes this task due.
    defaultSchedule: { cron: '40 3 * * *', timeZone: 'Asia/Shanghai' },
    timeoutSeconds: 6 * 3600,
    async run({ db, signal, progress }) {
      if (ring.byNumber.size === 1) return undefined
      const report: Record<string, number> = {}
      const total: WalkCounts = { seen: 0, resealed: 0, failed: 0 }
      for (let pass = 0; pass < mostPasses; pass += 1) {
        const before = total.resealed
        total.failed = 0
        for (const place of places) {
          const counts = await place.reseal({ db, ring, signal })
          total.seen += counts.seen
          total.resealed += counts.resealed
          total.failed += counts.failed
          report[place.name] = (report[place.name] ?? 0) + counts.resealed
          progress({ seen: total.seen, updated: total.resealed, failed: total.failed, report })
        }
        if (total.resealed === before) break
      }
      return { seen: total.seen, updated: total.resealed, failed: total.failed, report }
    },
  })
}

/** Makes the task due at this time, unless it is due earlier. */
export async function resealFrom(db: Database, at: Date): Promise<void> {
  await sql`
    update task set next_run_at = least(next_run_at, ${at.toISOString()}::timestamptz)
    where kind = ${kind} and shop_id is null`.execute(db)
}

/** True if the migrations of this program have run on the database, judged by four of the tables. */
export async function isMigrated(db: Database): Promise<boolean> {
  const found = await sql<{ there: boolean }>`
    select coalesce(bool_and(to_regclass(name) is not null), false) as there
    from unnest(array['task', 'staged_trade', 'sales_order', 'raw_payload']) name`.execute(db)
  return found.rows[0]?.there ?? false
}
