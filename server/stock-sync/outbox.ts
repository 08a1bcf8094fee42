import type { Connector } from '../connectors/connector.ts'
import type { StockResult } from '../connectors/stock.ts'
import { systemActor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { enqueueActions } from '../core/outbox/actions.ts'
import type { Action, ActionHandler, ActionOutcome, Ended } from '../core/outbox/handlers.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { callShop, type OpenedShop } from '../shops/calls.ts'
import { actionFor, stockSyncKind } from './calculate.ts'
import type { SyncFailure } from './lifecycle.ts'
import {
  type Answered,
  type AnsweredStockSync,
  lockAnswered,
  type QuantityToSend,
  quantitiesToSend,
  writeAnswered,
} from './queries.ts'

/** The platform's answer for one listing, with the quantity that was sent. It is stored in the action's result. */
type SentQuantity = Pick<QuantityToSend, 'id' | 'quantity' | 'version'> &
  Pick<StockResult, 'outcome' | 'message'>

/**
 * 库存同步: the action contains no quantities; it reads them when it is sent, so later changes are included. Quantities are absolute, so an
 * unclear send is simply repeated.
 */
export const stockSyncAction: ActionHandler<OpenedShop> = {
  kind: stockSyncKind,
  name: { zh: '库存同步', en: 'Stock upload' },
  rank: 2,
  timeoutSeconds: 60,
  lookAfterSeconds: 1,
  send: sendQuantities,
  look: async () => 'repeat',
  onResults: writeResults,
}

async function sendQuantities(
  shop: OpenedShop,
  action: Action,
  signal: AbortSignal,
): Promise<{ items: SentQuantity[] }> {
  const { id, shopId, subjectId: itemId } = action
  const rows = await quantitiesToSend(shop.deps.db, { id, shopId, itemId })
  if (rows.length === 0) return { items: [] }
  const items = rows.map(({ platformSkuId, quantity }) => ({ itemId, platformSkuId, quantity }))
  const update = (connector: Connector, call: OpenedShop['call']) => {
    const { updateStock } = connector.actions
    if (!updateStock) throw new PlatformError('rejected', 'unsupported', 'This platform takes no stock.')
    return updateStock(call, { items })
  }
  const results = await callShop(shop, update, { signal }).catch((error: unknown) => {
    throw repeatable(error)
  })
  const byTarget = new Map(results.map((result) => [result.platformSkuId, result]))
  const sent = rows.map(({ id, platformSkuId, quantity, version }) => {
    // A listing that is missing in the platform's answer counts as refused; repeating the call at once would not help.
    const { outcome, message } = byTarget.get(platformSkuId) ?? { outcome: 'refused' as const, message: '' }
    return { id, quantity, version, outcome, message }
  })
  // The time of a call may not suffice for all SKUs of an item, so answered SKUs count, and the next action sends the others.
  const settled = sent.filter(({ outcome }) => outcome !== 'again')
  if (settled.length === 0)
    throw new PlatformError('retry', 'broken_off', 'The platform stopped answering half-way.')
  return { items: settled }
}

/** Makes an unclear failure a clear one: it needs no verification, because quantities can be set again. */
function repeatable(error: unknown): unknown {
  if (!(error instanceof PlatformError) || !error.unclear) return error
  const { kind, code, message, waitMs, requestId } = error
  return new PlatformError(kind, code, message, { waitMs, requestId, cause: error })
}

/**
 * Writes the results of ended actions. The actions are locked before their listings. That cannot deadlock, since a calculation, which locks
 * listings, never waits for an action.
 */
async function writeResults(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const keyOf = (shopId: string, itemId: string) => `${shopId}/${itemId}`
  const items = ended.map(({ action: { shopId, subjectId } }) => ({ shopId, itemId: subjectId }))
  const rows = Map.groupBy(await lockAnswered(tx, items), ({ shopId, itemId }) => keyOf(shopId, itemId))
  // An item has one action at a time, and a listing names one action, so no listing gets two answers here.
  const answers = ended.map(({ action, outcome }) => {
    const mine = rows.get(keyOf(action.shopId, action.subjectId)) ?? []
    return outcome.state === 'succeeded'
      ? answersOf(action, mine, sentQuantitiesOf(outcome.result))
      : { answered: endedWithout(action, mine, outcome), next: undefined }
  })
  const next = answers.flatMap((one) => one.next ?? [])
  const ids = await enqueueActions(tx, next, systemActor)
  await writeAnswered(
    tx,
    answers.flatMap(({ answered, next }) => {
      const id = next && ids.get(next.idempotencyKey)
      return answered.map(({ isLeft, ...row }) => (isLeft ? { ...row, actionId: id ?? null } : row))
    }),
  )
}

type Answer = Answered & { isLeft: boolean }

function endedWithout(
  action: Action,
  rows: readonly AnsweredStockSync[],
  outcome: Exclude<ActionOutcome, { state: 'succeeded' }>,
): Answer[] {
  const { problem, text } = endOf(outcome)
  return rows
    .filter((row) => row.actionId === action.id)
    .map((row) => ({
      ...answered(row, problem, text),
      actionId: problem === '' ? null : action.id,
      told: problem === '' && row.quantity !== null ? { quantity: row.quantity, version: row.version } : null,
      isLeft: false,
    }))
}

function endOf(outcome: Exclude<ActionOutcome, { state: 'succeeded' }>): {
  problem: SyncFailure | ''
  text: string
} {
  if (outcome.state !== 'failed')
    return outcome.state === 'forced'
      ? { problem: '', text: '' }
      : { problem: 'manual', text: outcome.reason }
  const { code, message } = outcome
  return { problem: 'not_told', text: message.includes(code) ? message : `${code} ${message}`.trim() }
}

/** Returns the answer for each listing. `next`: an action for the listings that have changed since the send, or were not in it. */
function answersOf(action: Action, rows: readonly AnsweredStockSync[], told: readonly SentQuantity[]) {
  const toldById = new Map(told.map((one) => [one.id, one]))
  const touched = rows.filter((row) => row.actionId === action.id || toldById.has(row.id))
  const all = touched.map((row): Answer => {
    const one = toldById.get(row.id)
    if (row.actionId !== action.id)
      return { ...answered(row, row.problem, '', one), actionId: row.actionId, isLeft: false }
    if (isLeft(row, one)) return { ...answered(row, '', '', one), actionId: null, isLeft: true }
    const refusal = one && one.outcome !== 'done' ? one : undefined
    const problem = refusal ? (refusal.outcome === 'gone' ? 'listing_gone' : 'refused') : ''
    return { ...answered(row, problem, refusal?.message ?? '', one), actionId: null, isLeft: false }
  })
  const first = touched.find(({ id }) => all.some((one) => one.isLeft && one.id === id))
  return { answered: all, next: first && actionFor(first, first.version, action.id) }
}

/** Returns true if the listing must be sent again; one that the platform does not have is not sent. */
function isLeft({ version, paused, shopOn }: AnsweredStockSync, one: SentQuantity | undefined): boolean {
  if (paused || !shopOn) return false
  return one === undefined || (one.version !== version && one.outcome !== 'gone')
}

/**
 * Makes the values to write for a listing. An answer does not count if its version is not newer than the last accepted one, or if the
 * listing was paused or its shop switched off meanwhile.
 */
function answered(
  { id, toldVersion, paused, shopOn }: AnsweredStockSync,
  problem: SyncFailure | '',
  problemText: string,
  one?: SentQuantity,
): Omit<Answered, 'actionId'> {
  const counts = one?.outcome === 'done' && !paused && shopOn && BigInt(one.version) > BigInt(toldVersion)
  const told = counts ? { quantity: one.quantity, version: one.version } : null
  return { id, told, problem, problemText: problemText.slice(0, 500) }
}

function sentQuantitiesOf(result: unknown): SentQuantity[] {
  if (typeof result !== 'object' || result === null || !('items' in result)) return []
  return Array.isArray(result.items) ? result.items.filter(isTold) : []
}

function isTold(item: unknown): item is SentQuantity {
  return typeof item === 'object' && item !== null && 'id' in item && 'version' in item && 'outcome' in item
}
