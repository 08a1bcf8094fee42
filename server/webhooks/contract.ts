import Type, { type Static } from 'typebox'
import { idSchema as id, nullable, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import { messageStates, subscribable, subscriptionStates, webhookKinds } from './lifecycle.ts'

const closed = { additionalProperties: false }
const words = Type.Object({ zh: Type.String(), en: Type.String() })

const settings = {
  name: Type.String({ minLength: 1, maxLength: 60 }),
  kinds: Type.Array(oneOf(subscribable), {
    minItems: 1,
    maxItems: 100,
    description: 'Kinds of events, such as order.shipped, or order.* for all of a document.',
  }),
  shops: nullable(
    Type.Array(id, { minItems: 1, maxItems: 1000, description: 'Events of these shops only; null: of all.' }),
  ),
  warehouses: nullable(
    Type.Array(id, {
      minItems: 1,
      maxItems: 1000,
      description: 'Deliveries, returns and stock of these warehouses only; null: of all.',
    }),
  ),
}
const address = Type.String({ minLength: 1, maxLength: 500, description: 'https address of the program' })

export const subscriptionInput = Type.Object({ ...settings, address }, closed)
/** An address that is left out stays. */
export const subscriptionChange = Type.Object({ ...settings, address: Type.Optional(address) }, closed)
export type SubscriptionInput = Static<typeof subscriptionInput>
export type SubscriptionChange = Static<typeof subscriptionChange>

/** `secret`: shown this one time. */
export const subscriptionMade = Type.Object({ id, secret: Type.String() })
/** `formerUntil`: the former secret signs too until then. */
export const secretMade = Type.Object({ secret: Type.String(), formerUntil: timeAnswer })
export const subscriptionState = Type.Object({ state: oneOf(['on', 'paused']) }, closed)

const cappedCount = Type.Object({ count: Type.Integer(), capped: Type.Boolean() })

const subscriptionOut = Type.Object({
  id,
  ...settings,
  kinds: Type.Array(Type.String()),
  /** The host of the address. The rest of it may be secret. */
  host: Type.String(),
  state: oneOf(subscriptionStates),
  stateAt: timeAnswer,
  createdBy: Type.String(),
  createdAt: timeAnswer,
  lastSentAt: timeOrNull,
  failedSince: timeOrNull,
  failure: nullable(words),
  /** Until when the former secret signs too; null: there is none. */
  formerUntil: timeOrNull,
  /** Messages that wait, and those that were given up. `capped`: there are more than 10,000. */
  waiting: cappedCount,
  givenUp: cappedCount,
})
export type SubscriptionAnswer = Static<typeof subscriptionOut>
export const subscriptionList = Type.Object({ rows: Type.Array(subscriptionOut) })

/** `failure`: null if the program took the test event. */
export const subscriptionTested = Type.Object({
  status: nullable(Type.Integer()),
  answerMs: Type.Integer(),
  failure: nullable(words),
})

export const messageRow = Type.Object({
  id,
  subscriptionId: id,
  subscription: Type.String(),
  kind: oneOf(Object.keys(webhookKinds)),
  document: Type.String(),
  no: Type.String(),
  shopId: nullable(id),
  warehouseId: nullable(id),
  createdAt: timeAnswer,
  state: oneOf(messageStates),
  attempts: Type.Integer(),
  /** The next attempt, or when the one that runs now ends; null: there is none. */
  dueAt: timeOrNull,
  triedAt: timeOrNull,
  /** HTTP status of the last answer; null: there was none. */
  answerStatus: nullable(Type.Integer()),
  answerMs: nullable(Type.Integer()),
  failure: nullable(words),
})
export type MessageAnswer = Static<typeof messageRow>

/** `body`: the text that is sent. */
export const messageWhole = Type.Object({ ...messageRow.properties, body: Type.String() })
