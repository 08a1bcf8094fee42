import { setTimeout as sleep } from 'node:timers/promises'
import type { Row, RowPlace, RowTable } from '../../connectors/push.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { quietly } from '../../lib/quiet.ts'
import { secondMs } from '../../lib/time.ts'
import { type MysqlConnection, MysqlError, openMysql } from '../../wire/mysql.ts'
import type { SocketChannel } from './channels.ts'
import type { Connection, ConnectionParts } from './connection.ts'

/** Milliseconds between two looks at the newest rows. */
const lookMs = secondMs
const againMs = secondMs
const longestAgainMs = 15 * secondMs
const pageRows = 1000
/** Each look begins this much before the newest row that was seen. */
const nearSeconds = 10
/**
 * A row may be committed minutes after its time, behind rows that were read already. So all rows of the last ten minutes are read again and
 * again, some pages with each look, and those that were not seen yet are kept. The lists find later ones.
 */
const deepSeconds = 600
const deepPages = 5
const deepPauseMs = 20 * secondMs
/** The first reading goes back further, because rows were written while this process was away. The lists bring older ones. */
const firstSeconds = 1800

/** Reads the rows that the platform writes, until it is stopped, with another app's credentials each time that one fails. */
export function keepRows({ store, log }: ConnectionParts, channel: SocketChannel): Connection {
  const stopping = new AbortController()
  const { signal } = stopping
  const warn = quietly(log)
  const state: { heardAt: number | null; errorCode: string } = { heardAt: null, errorCode: '' }
  const places = channel.apps.flatMap((app) => channel.push.rows?.place(app) ?? [])
  const readers = (channel.push.rows?.tables ?? []).map((table) => tableReader(table, store))
  const read = async (place: RowPlace) => {
    const database = await openMysql(place)
    try {
      while (!signal.aborted) {
        for (const reader of readers) await reader.look(database, signal)
        state.heardAt = performance.now()
        state.errorCode = ''
        await sleep(lookMs, undefined, { signal }).catch(() => {})
      }
    } finally {
      database.end()
    }
  }
  const keep = async () => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      const [place] = places.slice(failures % Math.max(places.length, 1))
      if (!place) return
      try {
        await read(place)
      } catch (error) {
        if (state.heardAt !== null) failures = 0
        // A set that could not be stored is read again, and is no fault of the platform.
        state.errorCode = error instanceof MysqlError ? error.code : ''
        warn(error, 'the rows of the platform could not be read', { channel: channel.channel })
      }
      state.heardAt = null
      const pause = againMs / 2 + backoffMs(failures, againMs, longestAgainMs)
      await sleep(pause, undefined, { signal }).catch(() => {})
    }
  }
  const running = keep()
  return {
    heardMs: () => (state.heardAt === null ? null : performance.now() - state.heardAt),
    errorCode: () => state.errorCode,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** The next rows are those of this second and later, at most `limit`. */
type Place = { written: string; limit: number }

/** The reader of one table. It outlives a connection, so a broken one costs no row. */
function tableReader(table: RowTable, store: ConnectionParts['store']) {
  /** The messages of the rows that a deep reading saw, and of those since: only others are kept. */
  let seen = new Set<string>()
  let seenNow = new Set<string>()
  let newest = ''
  let deepAt: Place | undefined
  let deepFrom = firstSeconds
  let deepDueAt = 0
  const keep = async (rows: readonly Row[]) => {
    const messages = rows.map((row) => table.message(row))
    const fresh = new Map(messages.filter(({ id }) => !seen.has(id)).map((one) => [one.id, one]))
    if (fresh.size > 0) await store([...fresh.values()])
    for (const { id } of messages) {
      seen.add(id)
      seenNow.add(id)
    }
    for (const row of rows) newest = later(newest, row[table.written] ?? '')
  }
  const readOn = async (database: MysqlConnection, from: Place | number): Promise<Place | undefined> => {
    const rows = await pageOf(database, table, from, newest)
    await keep(rows)
    return nextPlace(from, rows.length, rows.at(-1)?.[table.written] ?? '')
  }
  const deepen = async (database: MysqlConnection) => {
    for (let page = 0; page < deepPages; page += 1) {
      deepAt = await readOn(database, deepAt ?? deepFrom)
      if (deepAt) continue
      deepFrom = deepSeconds
      deepDueAt = performance.now() + deepPauseMs
      seen = seenNow
      seenNow = new Set()
      return
    }
  }
  return {
    async look(database: MysqlConnection, signal: AbortSignal): Promise<void> {
      let at = await readOn(database, nearSeconds)
      while (at && !signal.aborted) at = await readOn(database, at)
      if (!signal.aborted && (deepAt || performance.now() >= deepDueAt)) await deepen(database)
    },
  }
}

const later = (one: string, other: string) => (one > other ? one : other)

/**
 * Where the next page begins: in the second of the last row, because more rows may have it. A page within one second is read again with twice
 * the rows. The number of a row is not compared: MySQL compares long ones without their last digits. Undefined: that was the last page.
 */
function nextPlace(from: Place | number, count: number, last: string): Place | undefined {
  const { written, limit } = typeof from === 'number' ? { written: '', limit: pageRows } : from
  if (count < limit) return undefined
  return { written: last, limit: last === written ? 2 * limit : pageRows }
}

/**
 * Returns rows in the order of their times: from a place, or from this number of seconds before the newest one that was seen. A row whose time
 * lies ahead of the database's clock does not hide those that are written until then.
 */
function pageOf(
  database: MysqlConnection,
  { name, key, written, columns }: RowTable,
  from: Place | number,
  newest: string,
): Promise<Row[]> {
  const chosen = [...new Set([key, written, ...columns])].map((column) => `\`${column}\``)
  const select = `select ${chosen.join(', ')} from \`${name}\` where \`${written}\` >=`
  const order = `order by \`${written}\` limit ?`
  if (typeof from !== 'number') return database.rows(`${select} ? ${order}`, [from.written, from.limit])
  return newest === ''
    ? database.rows(`${select} now() - interval ? second ${order}`, [from, pageRows])
    : database.rows(`${select} least(cast(? as datetime), now()) - interval ? second ${order}`, [
        ...[newest, from],
        pageRows,
      ])
}
