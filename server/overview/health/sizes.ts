import { sql } from 'kysely'
import type { Config } from '../../config.ts'
import type { Database } from '../../core/db/db.ts'
import { readDisk } from '../../core/db/disk.ts'
import type { Row } from '../../core/db/rows.ts'
import { oldestOf, readSizes, type Size, type TableSize } from '../../core/db/sizes.ts'
import { trimming } from '../../core/db/trim.ts'
import { dayMs } from '../../lib/time.ts'
import { type Finding, type Sizes, type TableGroupName, tableGroupNames } from './contract.ts'
import { ok } from './look.ts'
import { groupOf, groupOfTable } from './table-groups.ts'

/** Less days than this until the disk is full are raised: a larger disk has to be ordered and mounted. */
const soonDays = 30
const longDays = 3650

/** Returns the size of each group of tables, how it grows, and until when the disk lasts. */
export async function sizesOf(
  db: Database,
  config: Pick<Config, 'dataDir' | 'databaseUrl'>,
  now: Date,
): Promise<Sizes> {
  const { days, tables } = await readSizes(db)
  const oldest = await oldestOf(
    db,
    tableGroupNames.map((name) => groupOf(name).oldest).filter((one) => one !== undefined),
  )
  const kept = await trimAges(db)
  const whole = tables.find(({ name }) => name === '')
  const total = { bytes: whole?.bytes ?? 0, ...growthOf(whole ? [whole] : [], days) }
  const disk = config.databaseUrl === undefined ? await readDisk(config.dataDir) : undefined
  const groups = tableGroupNames.map((group) => {
    const own = tablesOf(group, tables)
    const { words, oldest: first, kept: ages } = groupOf(group)
    const days_ = ages?.map((age) => (typeof age === 'number' ? age : (kept[age] ?? 0)))
    return {
      ...{ group, words },
      bytes: sum(own, 'bytes'),
      rows: sum(own, 'rows'),
      ...growthOf(own, days),
      oldestAt: (first && oldest.get(first.table)?.toISOString()) ?? null,
      keptDays: days_ ? { least: Math.min(...days_), most: Math.max(...days_) } : null,
    }
  })
  return {
    at: now.toISOString(),
    ...{ days, bytes: total.bytes, dayBytes: total.dayBytes, groups },
    freeBytes: disk?.freeBytes ?? null,
    fullAt: disk ? fullAt(now, disk.freeBytes, total.dayBytes) : null,
  }
}

/** The tables of a group. The system tables of PostgreSQL and the tables of jobs belong to the others. */
function tablesOf(group: TableGroupName, tables: readonly TableSize[]): TableSize[] {
  const own = tables.filter(({ name }) => name !== '' && groupOfTable(name) === group)
  const whole = tables.find(({ name }) => name === '')
  if (group !== 'other' || !whole) return own
  const counted = tables.filter(({ name }) => name !== '')
  const rest = {
    name: 'rest',
    rows: 0,
    bytes: Math.max(0, whole.bytes - sum(counted, 'bytes')),
    before: whole.before && {
      rows: 0,
      bytes: Math.max(
        0,
        whole.before.bytes -
          sum(
            counted.flatMap(({ before }) => before ?? []),
            'bytes',
          ),
      ),
    },
  }
  return [...own, rest]
}

const sum = (sizes: readonly Size[], of: keyof Size) => sizes.reduce((total, one) => total + one[of], 0)

/** A table that was not there before began with nothing. */
function growthOf(
  tables: readonly TableSize[],
  days: number | null,
): Pick<Sizes, 'dayBytes'> & { dayRows: number | null } {
  if (days === null) return { dayBytes: null, dayRows: null }
  const perDay = (of: keyof Size) =>
    Math.round(tables.reduce((total, one) => total + one[of] - (one.before?.[of] ?? 0), 0) / days)
  return { dayBytes: perDay('bytes'), dayRows: perDay('rows') }
}

/** Returns the time at which the disk is full at this rate; null: it does not grow, or lasts for years. */
export function fullAt(now: Date, freeBytes: number, dayBytes: number | null): string | null {
  const days = dayBytes !== null && dayBytes > 0 ? Math.floor(freeBytes / dayBytes) : longDays
  return days < longDays ? new Date(now.getTime() + days * dayMs).toISOString() : null
}

/** Returns the ages in days at which the task that trims deletes rows, its defaults where a person set none. */
async function trimAges(db: Database): Promise<Record<string, number>> {
  const found = await sql<
    Row<'task', 'params'>
  >`select params from task where kind = ${trimming.kind} limit 1`.execute(db)
  const params = trimming.parseParams(found.rows[0]?.params ?? {})
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  )
}

/** The finding of a disk that is full within a month at the rate of the last weeks; nothing for a database elsewhere. */
export async function growthFindings(
  db: Database,
  config: Pick<Config, 'dataDir' | 'databaseUrl'>,
  now: Date,
): Promise<Finding[]> {
  const disk = config.databaseUrl === undefined ? await readDisk(config.dataDir) : undefined
  const { days, tables } = await readSizes(db)
  const { dayBytes } = growthOf(
    tables.filter(({ name }) => name === ''),
    days,
  )
  const end = disk ? fullAt(now, disk.freeBytes, dayBytes) : null
  if (end === null) return []
  const left = Math.round((Date.parse(end) - now.getTime()) / dayMs)
  if (left >= soonDays)
    return [
      ok(
        'disk',
        `照最近的速度，磁盘还能用 ${left} 天`,
        `At the rate of late, the disk lasts for ${left} days`,
      ),
    ]
  return [
    {
      area: 'disk',
      tone: 'warn',
      title: {
        zh: `照最近的速度，磁盘 ${left} 天后满`,
        en: `At the rate of late, the disk is full in ${left} days`,
      },
      remedy: {
        zh: '换大一点的磁盘；下面的数据量说明什么占得多',
        en: 'Give it a larger disk; the sizes below say what takes the room',
      },
    },
  ]
}
