import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../http/http-contract.ts'

export const runStates = ['queued', 'running', 'done', 'failed', 'stopped', 'lost'] as const

export const taskStates = ['disabled', 'paused', 'running', 'waiting'] as const

const bilingual = Type.Object({ zh: Type.String(), en: Type.String() })
const state = Type.Enum(runStates)
const isoTime = Type.String({ format: 'date-time' })
const params = Type.Record(Type.String(), Type.Unknown())
const idList = Type.String({ pattern: '^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,199}$' })
const wordList = Type.String({ pattern: '^[a-z_]+(,[a-z_]+){0,49}$' })

export const schedule = Type.Union([
  Type.Object(
    { everySeconds: Type.Integer({ minimum: 1, maximum: 604_800 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      cron: Type.String({ maxLength: 100 }),
      timeZone: Type.String({ maxLength: 50, default: 'Asia/Shanghai' }),
    },
    { additionalProperties: false },
  ),
])

export const run = Type.Object({
  id: idSchema,
  taskId: idSchema,
  kind: Type.String(),
  kindName: bilingual,
  /** The name of a task that a user added; empty for the task that every shop has. */
  taskName: Type.String(),
  shopId: nullable(idSchema),
  state,
  trigger: Type.Union([Type.Literal('schedule'), Type.Literal('person'), Type.Literal('again')]),
  requestedBy: nullable(Type.String()),
  requestedAt: timeAnswer,
  startedAt: timeOrNull,
  endedAt: timeOrNull,
  durationMs: nullable(Type.Integer()),
  askedFrom: timeOrNull,
  askedTo: timeOrNull,
  windowFrom: timeOrNull,
  windowTo: timeOrNull,
  params,
  pages: Type.Integer(),
  seen: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  skipped: Type.Record(Type.String(), Type.Integer()),
  failed: Type.Integer(),
  requests: Type.Integer(),
  report: Type.Unknown(),
  errorCode: Type.String(),
  error: Type.String(),
  stopRequested: Type.Boolean(),
})
export type RunAnswer = Static<typeof run>

export const task = Type.Object({
  id: idSchema,
  kind: Type.String(),
  kindName: bilingual,
  name: Type.String(),
  shopId: nullable(idSchema),
  enabled: Type.Boolean(),
  schedule,
  params,
  /** The JSON schema of the parameters; the page draws its form from it. */
  paramsSchema: Type.Unknown(),
  /** True if a shop may have several tasks of this kind. */
  several: Type.Boolean(),
  state: Type.Enum(taskStates),
  pausedReasons: Type.Array(Type.String()),
  bannedUntil: timeOrNull,
  nextRunAt: timeOrNull,
  queued: Type.Integer(),
  failures: Type.Integer(),
  lastRun: nullable(run),
})
export type TaskAnswer = Static<typeof task>

export const tasksQuery = Type.Object(
  {
    kind: Type.Optional(wordList),
    shopId: Type.Optional(idList),
    enabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export const tasksAnswer = Type.Object({ rows: Type.Array(task) })

export const newTaskBody = Type.Object(
  {
    kind: Type.String({ maxLength: 40 }),
    shopId: idSchema,
    name: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
    schedule: Type.Optional(schedule),
    params: Type.Optional(params),
  },
  { additionalProperties: false },
)
export const newTaskAnswer = Type.Object({ id: idSchema })

export const taskPatch = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean()),
    schedule: Type.Optional(schedule),
    params: Type.Optional(params),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const runBody = Type.Object(
  { from: Type.Optional(isoTime), to: Type.Optional(isoTime), params: Type.Optional(params) },
  { additionalProperties: false },
)
/** `behind`: id of the run that must end first; null: none. */
export const runAnswer = Type.Object({ runId: idSchema, behind: nullable(idSchema) })

/** The runs of one day (undefined: today) by state, and the sums of their counts. */
export const dayAnswer = Type.Object({
  day: Type.String(),
  states: Type.Record(Type.String(), Type.Integer()),
  seen: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  failed: Type.Integer(),
  requests: Type.Integer(),
})
