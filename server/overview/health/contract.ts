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
