import type { Logger } from 'pino'
import type { Static, TObject } from 'typebox'
import Value from 'typebox/value'
import { AppError } from '../../errors.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Actor } from '../access/actor.ts'
import type { Database } from '../db/db.ts'
import type { Schedule } from './schedules.ts'

export type RunCounts = {
  windowFrom: Date | null
  windowTo: Date | null
  pages: number
  seen: number
  created: number
  updated: number
  /** The number of skipped documents by reason: {"unchanged": 40, "processed": 2} */
  skipped: Record<string, number>
  failed: number
  requests: number
  /** Further facts for users, such as numbers that were not found. No personal data. */
  report: Record<string, unknown> | null
}

export const noCounts: RunCounts = {
  windowFrom: null,
  windowTo: null,
  pages: 0,
  seen: 0,
  created: 0,
  updated: 0,
  skipped: {},
  failed: 0,
  requests: 0,
  report: null,
}

/** The input of one run. A shop's run also gets the result of the process's `openShop`: shop, connector, call. */
export type RunContext<Params> = {
  db: Database
  params: Params
  /** The window that a user asked for. Undefined: the run chooses it. */
  window: { from: Date | null; to: Date | null } | undefined
  /** Aborts when a user stops the run, the process shuts down, the run times out, or the lease is lost. */
  signal: AbortSignal
  /** Reports the totals so far, which users see while the task runs. Fields that are left out do not change. */
  progress(counts: Partial<RunCounts>): void
  actor: Actor
  log: Logger
  taskId: string
  /** The name of a task that a user added. Undefined: the task of this kind that every shop has. */
  taskName?: string
  runId: string
  /** Passed to `takeCursor` and `advanceCursor`. A later claim has a greater fence. */
  fence: string
}

/** The properties of a shop that decide which kinds of tasks it gets. */
export type ShopTraits = {
  platform: string
  path: 'two_stage' | 'direct'
  listings?: boolean
  stock?: boolean
  receivers?: boolean
  traces?: boolean
  /** The seconds between two runs that the platform asks for, by kind of task; a new task gets them if its usual interval is shorter. */
  leastSeconds?: Readonly<Record<string, number>>
}

export type TaskKind<Shop> = {
  kind: string
  name: LocalizedText
  params: TObject
  defaultSchedule: Schedule
  enabled: boolean
  /** True if a shop may have several tasks of this kind, each with a name of its own. */
  several: boolean
  /** True if the task only reads the shop: it also runs before the shop was read again after a restore of the database. */
  reads: boolean
  timeoutSeconds: number
  /** True if the shop gets this task. Undefined: the task is of the installation and not of a shop. */
  applies: ((shop: ShopTraits) => boolean) | undefined
  /** Returns the parameters with defaults filled in. Throws `invalid_input` with the field. */
  parseParams(raw: unknown): Record<string, unknown>
  run(
    context: RunContext<unknown>,
    openShop: (() => Promise<Shop>) | undefined,
  ): Promise<Partial<RunCounts> | undefined>
}

type Declaration<Params extends TObject> = {
  kind: string
  name: LocalizedText
  /** Schema of the parameters. Every property needs a default. */
  params: Params
  defaultSchedule: Schedule
  enabled?: boolean
  several?: boolean
  reads?: boolean
  /** A run is aborted after this time; undefined: 1 hour. */
  timeoutSeconds?: number
}

/**
 * Defines a kind of task of shops: each shop to which it applies has one, and more that users added if the kind is `several`. `Shop`: the
 * result of the worker's `openShop`, with shop, connector and call.
 */
export function defineTaskKind<Shop extends object, Params extends TObject>(
  declaration: Declaration<Params> & {
    applies?: (shop: ShopTraits) => boolean
    run(context: RunContext<Static<Params>> & Shop): Promise<Partial<RunCounts> | undefined>
  },
): TaskKind<Shop> {
  return {
    ...frame(declaration),
    applies: declaration.applies ?? (() => true),
    async run(context, openShop) {
      if (!openShop) throw new Error(`A task of kind ${declaration.kind} has no shop.`)
      const opened = await openShop()
      return declaration.run({ ...context, params: parse(declaration.params, context.params), ...opened })
    },
  }
}

/** Defines a kind of task that the installation has once, such as trimming. */
export function defineInstallationTaskKind<Params extends TObject>(
  declaration: Declaration<Params> & {
    run(context: RunContext<Static<Params>>): Promise<Partial<RunCounts> | undefined>
  },
): TaskKind<never> {
  return {
    ...frame(declaration),
    applies: undefined,
    run: async (context) =>
      declaration.run({ ...context, params: parse(declaration.params, context.params) }),
  }
}

function frame<Params extends TObject>(declaration: Declaration<Params>) {
  const { kind, name, params, defaultSchedule } = declaration
  return {
    kind,
    name,
    params,
    defaultSchedule,
    enabled: declaration.enabled ?? true,
    several: declaration.several ?? false,
    reads: declaration.reads ?? false,
    timeoutSeconds: declaration.timeoutSeconds ?? 3600,
    parseParams: (raw: unknown) => ({ ...parse(params, raw) }),
  }
}

function parse<Schema extends TObject>(schema: Schema, raw: unknown): Static<Schema> {
  const filled: unknown = Value.Default(schema, Value.Clone(raw))
  if (Value.Check(schema, filled)) return filled
  const first = Value.Errors(schema, filled)[0]
  const field = `params${first?.instancePath ?? ''}`
  throw new AppError('invalid_input', { detail: `${field} ${first?.message ?? ''}` }, field)
}

/** Opens a shop for a run or a send. `worker.ts` supplies it. */
export type ShopOpener<Shop> = (shopId: string, hooks: CallHooks) => Promise<Shop>

export type CallHooks = { signal: AbortSignal; onRequest: () => void }
