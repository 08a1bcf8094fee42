import type { LocalizedText } from '../../lib/localized-text.ts'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { Actor } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'

/** What is to be done on a platform, as its handler sees it. */
export type Action = {
  id: string
  shopId: string
  kind: string
  subjectType: string
  subjectId: string
  idempotencyKey: string
  payload: unknown
  /** Sealed for the shop. */
  secret: Buffer | null
  /** This send is the n-th. */
  attempt: number
  createdBy: Actor
  createdAt: Date
}

/** One in the hands of this process; `claim` is its fence. */
export type Claimed = Action & { claim: number }

export type ActionOutcome =
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; code: string; message: string }
  /** A person says that it is done on the platform (forced), or that they take it over (manual). */
  | { state: 'forced' | 'manual'; actor: Actor; reason: string }

/** `repeat`: nobody was asked, since sending once more has the same effect. */
export type Verification = 'done' | 'not_done' | 'cannot_tell' | 'repeat'

/** An action that came to its end. */
export type Ended = { action: Action; outcome: ActionOutcome }

/**
 * Whether what was ordered is still wanted, asked before each sending: what changed while an action was on its way, and came back to
 * be sent again, found nothing to withdraw.
 */
export type SendGuard = {
  /** Those that may not be wanted any more. Read without a lock, of every set that is claimed: it must cost next to nothing. */
  doubt(db: Database, actions: readonly Claimed[]): Promise<ReadonlySet<string>>
  /** Takes back what is not (`withdrawClaimed`), under the locks of whatever decides that, and answers what it took. */
  withhold(tx: Tx, actions: readonly Claimed[]): Promise<ReadonlySet<string>>
}

/** One kind of platform action. `Shop` is what the worker's `openShop` gives: shop, connector, call. */
export type ActionHandler<Shop> = {
  kind: string
  name: LocalizedText
  /** Of what waits in a shop, the kinds of the lowest rank leave first; within a kind, what is due soonest. */
  rank: number
  /** The call is given up after so long, its outcome then being unclear; 30 when left out. */
  timeoutSeconds?: number
  /** Sends before it is given up as failed; 10 when left out. */
  mostAttempts?: number
  /** How long the platform may take to show the effect of a call whose answer was lost; 10 when left out. */
  lookAfterSeconds?: number
  /** One call, given up at the signal. Its answer is kept as the result: no personal data. */
  send(shop: Shop, action: Action, signal: AbortSignal): Promise<unknown>
  /** Asks the platform whether the effect is there. Absent where it cannot be asked: then a person decides. */
  look?: (shop: Shop, action: Action, signal: AbortSignal) => Promise<Verification>
  /** Absent: whatever was ordered is sent. */
  recheck?: SendGuard
  /** Whether a refusal means "already done", which is success. */
  isDone?: (error: PlatformError) => boolean
  /** A person has what ended sent again: our side of it, in the transaction that opens it, under the same locks as the outcomes. */
  beforeRetry?: (tx: Tx, actions: readonly Action[], actor: Actor) => Promise<void>
  /**
   * Our side of the outcomes, in the transaction that ends the actions; each end comes once. The actions are locked before
   * whatever this locks, which it does in key order.
   */
  onResults(tx: Tx, ended: readonly Ended[]): Promise<void>
}
