import type { Logger } from 'pino'
import type { Static, TObject } from 'typebox'
import Value from 'typebox/value'
import { AppError } from '../../errors.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Actor } from '../access/actor.ts'
import type { Database } from '../db/db.ts'
import type { Schedule } from './schedules.ts'

/** What a run counts. The record of the run shows each of them. */
export type RunCounts = {
  windowFrom: Date | null
  windowTo: Date | null
  pages: number
  seen: number
  created: number
  updated: number
  /** By reason: {"unchanged": 40, "processed": 2} */
  skipped: Record<string, number>
  failed: number
  requests: number
  /** What a person may want to read besides: a list of numbers not found, differences … No personal data. */
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

/** Everything one run gets, beside what `openShop` of the process gives for its shop (shop, connector, call). */
export type RunContext<Params> = {
  db: Database
  params: Params
  /** Asked for by a person: this window instead of the one that the run would choose. */
  window: { from: Date | null; to: Date | null } | undefined
  /** Ends the run: stopped by a person, shut down, timed out, or the lease is lost. */
  signal: AbortSignal
  /** Totals so far, shown while it runs. Fields left out stay as they are. */
  progress(counts: Partial<RunCounts>): void
  actor: Actor
  log: Logger
  taskId: string
  /** None: the one task of its kind that every shop has. */
  taskName?: string
  runId: string
  /** Handed to `takeCursor` and `advanceCursor`: a later claim has a greater one. */
  fence: string
}

/** What a task kind is declared for, when a shop comes. */
export type ShopTraits = {
  platform: string
  path: 'two_stage' | 'direct'
  listings?: boolean
  stock?: boolean
  receivers?: boolean
}

export type TaskKind<Shop> = {
  kind: string
  name: LocalizedText
  params: TObject
  defaultSchedule: Schedule
  /** New tasks of this kind start switched on. */
  enabled: boolean
  /** A shop may have more of them, each under a name of its own. */
  several: boolean
  timeoutSeconds: number
  /** Whether a shop gets this task; absent for work that belongs to no shop. */
  applies: ((shop: ShopTraits) => boolean) | undefined
  /** Complete parameters, defaults filled in. Throws `invalid_input` naming the field. */
  parseParams(raw: unknown): Record<string, unknown>
  run(
    context: RunContext<unknown>,
    openShop: (() => Promise<Shop>) | undefined,
  ): Promise<Partial<RunCounts> | undefined>
}

type Declaration<Params extends TObject> = {
  kind: string
  name: LocalizedText
  /** Every property needs a default. */
  params: Params
  defaultSchedule: Schedule
  enabled?: boolean
  several?: boolean
  /** Aborted after so long; 1 hour when left out. */
  timeoutSeconds?: number
}

/** A kind of task that each shop has one of. `Shop` is what the worker's `openShop` gives: shop, connector, call. */
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

/** A kind of task that the installation has one of: trimming, reports … */
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

/** What the engines of one process are given by `worker.ts`. */
export type ShopOpener<Shop> = (shopId: string, hooks: CallHooks) => Promise<Shop>

export type CallHooks = { signal: AbortSignal; onRequest: () => void }
