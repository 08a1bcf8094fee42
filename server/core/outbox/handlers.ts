import type { LocalizedText } from '../../lib/localized-text.ts'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { Actor } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import type { Refusal } from '../decide.ts'

export type Action = Row<
  'platform_action',
  | 'id'
  | 'shopId'
  | 'kind'
  | 'subjectType'
  | 'subjectId'
  | 'idempotencyKey'
  | 'payload'
  /** A text of the call that is not readable in the table, such as a message to the buyer, sealed for the shop; null: the call has none. */
  | 'secret'
  /** The number of this send, from 1. It begins again when a person tries the action again. */
  | 'attempt'
  /** True if an earlier send may have had its effect. */
  | 'unclear'
  | 'createdAt'
> & { createdBy: Actor }

/** An action that this process has claimed. `claim` is the fence: only the newest claim may write. */
export type Claimed = Action & Row<'platform_action', 'claim'>

export type ActionOutcome =
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; code: string; message: string }
  /** A user ended the action: it is done on the platform (forced), or the user does it there without us (manual). */
  | { state: 'forced' | 'manual'; actor: Actor; reason: string }

/**
 * The answer of a verification. `done`, `not_done`: whether the send had its effect. `cannot_tell`: the platform's answer does not show it.
 * `repeat`: the platform was not asked, because sending again is harmless.
 */
export type Verification = 'done' | 'not_done' | 'cannot_tell' | 'repeat'

export type Ended = { action: Action; outcome: ActionOutcome }

/**
 * Checks before each send whether the action is still wanted. Withdrawing it may have failed because it was being sent at that moment; then
 * it would be sent again without this check.
 */
export type SendGuard = {
  /**
   * Returns the ids of the actions that may be unwanted. It runs for every set of claimed actions, without row locks, so it must be fast.
   */
  doubt(db: Database, actions: readonly Claimed[]): Promise<ReadonlySet<string>>
  /**
   * Locks the rows that decide whether the actions are wanted, withdraws the unwanted ones with `withdrawClaimed`, and returns their ids.
   */
  withhold(tx: Tx, actions: readonly Claimed[]): Promise<ReadonlySet<string>>
  /**
   * Returns the ids of the wanted actions that something else must come before, each with a code of `troubleWords` that says what. They stay
   * pending, and are asked about again within seconds. It runs like `doubt`. Undefined: no action of this kind waits.
   */
  waits?(db: Database, actions: readonly Claimed[]): Promise<ReadonlyMap<string, string>>
}

/** One kind of platform action. `Shop`: the result of the worker's `openShop`, with shop, connector and call. */
export type ActionHandler<Shop> = {
  kind: string
  name: LocalizedText
  /** Among a shop's waiting actions, the kind with the lowest rank is sent first; within a kind, the earliest deadline. */
  rank: number
  /** A call is aborted after this time, and its effect is then unclear; undefined: 30. */
  timeoutSeconds?: number
  /** The number of sends after which the action fails, or waits for a user if its effect is unclear; undefined: 10. */
  mostAttempts?: number
  /** The wait before a verification, because the platform may show the effect later; undefined: 10. */
  lookAfterSeconds?: number
  /** Makes one call. The signal aborts it. The answer is stored as the result, so it must not contain personal data. */
  send(shop: Shop, action: Action, signal: AbortSignal): Promise<unknown>
  /** Returns the part of the result that stays in the table once `onResults` has the whole. Undefined: all of it. */
  keptOf?: (result: unknown) => unknown
  /** Asks the platform whether the send had its effect. Undefined: the platform has no such request, and a user decides. */
  look?: (shop: Shop, action: Action, signal: AbortSignal) => Promise<Verification>
  recheck?: SendGuard
  /** True if the action's calls do not go to the platform of its shop, so that a silence shows nothing of that platform. */
  isElsewhere?: (action: Action) => boolean
  /** True if the platform's rejection means "already done", which counts as success. */
  isDone?: (error: PlatformError) => boolean
  /**
   * Returns which of these ended actions must not be sent again for a user, by id, and why. The actions are locked; it takes the locks that
   * keep the reason from changing until the transaction ends. Undefined: no reason is known.
   */
  whyNotAgain?: (tx: Tx, actions: readonly Action[]) => Promise<ReadonlyMap<string, Refusal>>
  /**
   * Called when a user tries failed, unclear or `manual` actions again. Changes our documents in the same transaction, with the same locks
   * as `onResults`.
   */
  beforeRetry?: (tx: Tx, actions: readonly Action[], actor: Actor) => Promise<void>
  /**
   * Applies the outcomes to our documents, in the transaction that ends the actions. The actions are locked before. This function must lock
   * its own rows in the order of their ids.
   */
  onResults(tx: Tx, ended: readonly Ended[]): Promise<void>
}
