import { sql } from 'kysely'
import { failureWords } from '../alarms/notices/send-failure.ts'
import type { Language } from '../core/lists/declare-contract.ts'

// When a message of the reports is sent again by itself: within the hour, and four times at most.

/** The end of a sending. `error`: why it failed, empty: it was sent. `again`: it may succeed later. */
export type Sent = { error: string; again: boolean }

export const mostTries = sql.lit(4)

/** A process sends for less than ten minutes. If it has not ended the message by then, it was killed. */
export const afterKill = sql`now() + interval '10 minutes'`

/** Ten, twenty and thirty minutes after a failure; then only its user may send it again. */
export const afterFailure = (again: boolean) =>
  again ? sql`case when tries < ${mostTries} then now() + tries * interval '10 minutes' end` : sql`null`

/**
 * Awaits a sending that returns a code if the message cannot be made; empty: it was sent. Only what the receiver or the network failed at may
 * succeed later: a code needs a person.
 */
export async function ended(sending: Promise<string>, language: Language): Promise<Sent> {
  try {
    return { error: await sending, again: false }
  } catch (failure) {
    return { error: failureWords(failure)[language], again: true }
  }
}
