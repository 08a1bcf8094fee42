import Type, { type Static } from 'typebox'
import { nullable } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'

const words = Type.Object({ zh: Type.String(), en: Type.String() })

/** The areas, in the order in which they are shown. `alarms`: the alarms that concern none of the others. */
export const healthAreas = [
  'program',
  'database',
  'migrations',
  'keys',
  'disk',
  'certificate',
  'clock',
  'processes',
  'backup',
  'channels',
  'watchdogs',
  'tokens',
  'downloads',
  'actions',
  'alarms',
] as const
export type HealthArea = (typeof healthAreas)[number]

const finding = Type.Object({
  area: oneOf(healthAreas),
  /** off: not set up, which may be wanted. */
  tone: oneOf(['ok', 'off', 'warn', 'bad']),
  title: words,
  /** The meaning, or the remedy; null: nothing is to be done. */
  remedy: nullable(words),
  /** The page on which it is done, and the label of its button. */
  to: nullable(Type.String()),
  act: nullable(words),
})
/** One thing that was looked at. */
export type Finding = Pick<Static<typeof finding>, 'area' | 'tone' | 'title'> &
  Partial<Pick<Static<typeof finding>, 'remedy' | 'to' | 'act'>>

/** `by`: the process that looked; host, process and a random part. */
export const health = Type.Object({ at: time, by: Type.String(), rows: Type.Array(finding) })

/** The groups of tables whose sizes are shown, in the order of the page. */
export const tableGroupNames = [
  'orders',
  'trades',
  'payloads',
  'events',
  'refunds',
  'deliveries',
  'money',
  'stock',
  'reports',
  'audit',
  'actions',
  'runs',
  'messages',
  'scans',
  'other',
] as const
export type TableGroupName = (typeof tableGroupNames)[number]

const bytes = Type.Integer()
const perDay = nullable(Type.Integer())

/** 数据量. `dayBytes`, `dayRows`: the growth of a day, on average since `days` days ago; null: not known yet. */
export const sizes = Type.Object({
  at: time,
  days: nullable(Type.Integer()),
  bytes,
  dayBytes: perDay,
  /** Free bytes on the disk of the database; null: it is on another machine. */
  freeBytes: nullable(bytes),
  /** When the disk is full at this rate; null: not known, or not within ten years. */
  fullAt: nullable(time),
  groups: Type.Array(
    Type.Object({
      group: oneOf(tableGroupNames),
      words,
      bytes,
      rows: Type.Integer(),
      dayBytes: perDay,
      dayRows: perDay,
      /** The time of its oldest row; null: it has none, or its rows have no time. */
      oldestAt: nullable(time),
      /** The ages in days at which rows are deleted, the least and the greatest; null: they are kept for good. */
      keptDays: nullable(Type.Object({ least: Type.Integer(), most: Type.Integer() })),
    }),
  ),
})
export type Sizes = Static<typeof sizes>
