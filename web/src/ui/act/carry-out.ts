import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { ApiError, type Outcome, postVerb, type Query } from '../../api.ts'
import type { LocalizedPair, Say } from '../../words.ts'
import { shared } from '../base/words.ts'
import type { Ask, RowAction } from './actions.ts'
import { startBatch, type Target } from './batches.ts'

/** The most ids of one direct request. More rows are done by a bulk action. */
export const atOnce = 200

/** `direct`: the button has named the count, and the rows are few, so no confirmation comes first. */
export type Whole = { filter: Query; count: number; direct?: boolean }

type Started<Row> = {
  order: Ask<Row>
  /** The text that another action must come first. */
  hint?: LocalizedPair | undefined
  /** Why nothing starts. */
  no?: { tone: 'idle' | 'warn'; words: LocalizedPair } | undefined
  /** True if a confirmation or a form comes first. */
  asks: boolean
}

/** Decides how an action starts for these rows, or for all rows of a filter. */
export function orderOf<Row extends { id: string }>(
  asked: RowAction<Row>,
  rows: readonly Row[],
  whole?: Whole,
): Started<Row> {
  const [only] = rows
  const first = !whole && only && rows.length === 1 ? asked.first?.(only) : undefined
  const action = first?.action ?? asked
  const target: Target = whole ? { filter: whole.filter } : { ids: rows.map((row) => row.id) }
  const order = { action, rows, target, count: whole?.count ?? rows.length }
  const no =
    order.count === 0
      ? { tone: 'idle' as const, words: shared.anyRow }
      : whole && action.seen
        ? { tone: 'warn' as const, words: shared.onlySeen }
        : undefined
  const asks =
    action.confirm !== undefined || action.input !== undefined || (whole !== undefined && !whole.direct)
  return { order, hint: first?.words, no, asks }
}

/** Returns why an action is possible for none of these rows: the reasons of their menus, each once. */
export function whyForNone<Row extends { id: string }>(
  { action, rows }: Pick<Ask<Row>, 'action' | 'rows'>,
  say: Say,
): string | undefined {
  const reasons = rows.map((row) => action.why?.(row, say))
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join(say(['；', '; ']))
}

/**
 * Sends few rows directly and returns their outcomes. Starts a bulk action for many rows and for a whole filter; an action that has none
 * sends any number of rows directly, and does nothing for a whole filter.
 */
export async function carryOut<Row>(
  { action, target }: Pick<Ask<Row>, 'action' | 'target'>,
  input?: object,
): Promise<{ outcomes?: Outcome[]; batchId?: string }> {
  if ('ids' in target && (target.ids.length <= atOnce || action.batch === undefined))
    return { outcomes: await inChunks(action, target.ids, input) }
  if (action.batch === undefined) return {}
  return { batchId: (await startBatch(action.batch, target, input)).id }
}

/** Returns the reason if exactly one row was sent and was refused; otherwise undefined. */
export async function onlyRefusal(
  [only, ...others]: readonly Outcome[],
  say: Say,
): Promise<string | undefined> {
  if (!only || only.done || others.length > 0) return undefined
  return outcomeWords(only, say)
}

/** Returns the text of a row's outcome. The words of all codes are loaded with the first refusal. */
export async function outcomeWords(
  outcome: { code?: string | undefined; message?: LocalizedText | undefined },
  say: Say,
): Promise<string> {
  return outcome.message ? say(outcome.message) : (await import('./batch-words.ts')).outcomeText(outcome, say)
}

/**
 * Sends the verb for these rows, in requests of at most `atOnce` ids; a form that names the rows itself is sent as one. If a later request
 * fails, the outcomes of the earlier ones are returned, its own rows are refused with the error, and the rows behind it are not tried.
 */
async function inChunks<Row>(action: RowAction<Row>, ids: readonly string[], input: object | undefined) {
  if (action.namesRows) return (await postVerb(action.path, { ...input })).results
  const outcomes: Outcome[] = []
  for (let from = 0; from < ids.length; from += atOnce) {
    const chunk = ids.slice(from, from + atOnce)
    try {
      outcomes.push(...(await postVerb(action.path, { ids: chunk, ...input })).results)
    } catch (error) {
      if (from === 0 || !(error instanceof ApiError)) throw error
      const message = { zh: error.zh, en: error.en }
      const failed = chunk.map((id): Outcome => ({ id, done: false, code: 'failed', message }))
      return [...outcomes, ...failed, ...ids.slice(from + atOnce).map(notTried)]
    }
  }
  return outcomes
}

const notTried = (id: string): Outcome => ({
  id,
  done: false,
  code: 'stopped',
  message: { zh: '前面出错，这条没有做', en: 'Not tried, an earlier one failed' },
})
