import type { LocalizedText } from '../../lib/localized-text.ts'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { Actor } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'

/** A platform action as its handler gets it. */
export type Action = Row<
  'platform_action',
  | 'id'
  | 'shopId'
  | 'kind'
  | 'subjectType'
  | 'subjectId'
  | 'idempotencyKey'
  | 'payload'
  /** A value sealed for the shop; null: none. */
  | 'secret'
  /** The number of this send, from 1. */
  | 'attempt'
  | 'createdAt'
> & { createdBy: Actor }

/** An action that this process has claimed; `claim` is the fence. */
export type Claimed = Action & Row<'platform_action', 'claim'>

export type ActionOutcome =
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; code: string; message: string }
  /** A user ended the action: it is done on the platform (forced), or the user does it there without us (manual). */
  | { state: 'forced' | 'manual'; actor: Actor; reason: string }

/** The answer of a verification. `repeat`: the platform was not asked, because sending again has the same effect. */
export type Verification = 'done' | 'not_done' | 'cannot_tell' | 'repeat'

/** An action that has ended. */
export type Ended = { action: Action; outcome: ActionOutcome }

/**
 * Checks before each send whether the action is still wanted. The slice that no longer wants it may have found nothing to withdraw, because
 * the action was just being sent and is now to be sent again.
 */
export type SendGuard = {
  /**
   * Returns the ids of the actions that may no longer be wanted. Reads without locks and runs for every claimed set, so it must be cheap.
   */
  doubt(db: Database, actions: readonly Claimed[]): Promise<ReadonlySet<string>>
  /** Locks the rows that decide whether the actions are wanted, withdraws those that are not (`withdrawClaimed`), and returns their ids. */
  withhold(tx: Tx, actions: readonly Claimed[]): Promise<ReadonlySet<string>>
}

/** The functions and settings of one kind of platform action. `Shop` is the result of the worker's `openShop`: shop, connector, call. */
export type ActionHandler<Shop> = {
  kind: string
  name: LocalizedText
  /** The kinds with the lowest rank among a shop's waiting actions are sent first; within a kind, the earliest deadline. */
  rank: number
  /** A call is aborted after this time, and its outcome is then unclear; undefined: 30. */
  timeoutSeconds?: number
  /** Number of sends after which the action fails; undefined: 10. */
  mostAttempts?: number
  /** Wait before a verification, as the platform may need time to show the effect of the call; undefined: 10. */
  lookAfterSeconds?: number
  /** Makes one call, and aborts it at the signal. The answer is stored as the result, so it must not contain personal data. */
  send(shop: Shop, action: Action, signal: AbortSignal): Promise<unknown>
  /** Asks the platform whether the send had its effect. Undefined if the platform has no such request; a user decides then. */
  look?: (shop: Shop, action: Action, signal: AbortSignal) => Promise<Verification>
  /** Undefined: every action is sent. */
  recheck?: SendGuard
  /** True if the platform's rejection means "already done", which counts as success. */
  isDone?: (error: PlatformError) => boolean
  /**
   * Called when a user has ended actions sent again: changes our documents in the transaction that reopens them, with the same locks as
   * `onResults`.
   */
  beforeRetry?: (tx: Tx, actions: readonly Action[], actor: Actor) => Promise<void>
  /**
   * Applies the outcomes to our documents, in the transaction that ends the actions; called once for each end. The actions are locked
   * before the rows that this function locks, which it must do in the order of their ids.
   */
  onResults(tx: Tx, ended: readonly Ended[]): Promise<void>
}
