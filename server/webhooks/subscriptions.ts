import { randomBytes } from 'node:crypto'
import type { By } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { sharedNow } from '../lib/clock.ts'
import type { KeyRing } from '../lib/seal.ts'
import { hourMs } from '../lib/time.ts'
import { assertSiteAddress } from '../shops/credentials.ts'
import type { Permission } from '../users/permissions.ts'
import { assertWithin } from '../users/rights.ts'
import type { SubscriptionAnswer, SubscriptionChange, SubscriptionInput } from './contract.ts'
import { rightsFor } from './keepers.ts'
import { openReceiver, sealReceiver } from './sealed.ts'
import { type Attempt, type Secret, sendWebhook } from './send.ts'
import {
  type CountedSubscription,
  deleteSubscription,
  insertSubscription,
  type SubscriptionRow,
  subscriptionById,
  updateSubscription,
  writeCredentials,
  writeState,
} from './subscription-queries.ts'

export type WebhookPlaces = { ring: KeyRing; simulator: boolean }

/** The actor of a request with the permissions: a subscription sends a program only documents that its keeper may read. */
export type Asker = By & { permissions: ReadonlySet<Permission> }

/** A former secret signs too for this time after another was made, so that the program can be changed meanwhile. */
export const formerSecretMs = 24 * hourMs

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/**
 * Makes a subscription. Throws `outside_scope` for shops and warehouses beyond the actor's, `beyond_own_rights` for documents that the
 * actor may not read, and `invalid_input` for an address that is not a public https address.
 */
export async function addSubscription(
  tx: Tx,
  { ring, simulator }: WebhookPlaces,
  { address, ...settings }: SubscriptionInput,
  by: Asker,
): Promise<{ id: string; secret: string }> {
  assertGranted(settings, by)
  assertSiteAddress(address, simulator)
  const secret = newSecret()
  const credentials = sealReceiver(ring, { address, secrets: [{ secret }] })
  const id = await insertSubscription(tx, { ...ofSettings(settings), credentials }, by.actor.name)
  await note(tx, by, 'create', { id, detail: { name: settings.name, kinds: settings.kinds } })
  return { id, secret }
}

export async function changeSubscription(
  tx: Tx,
  { ring, simulator }: WebhookPlaces,
  { id, change: { address, ...settings } }: { id: string; change: SubscriptionChange },
  by: Asker,
): Promise<void> {
  const held = await lockOwn(tx, id, by)
  // The present documents too: with another address their messages could be read.
  assertGranted(held, by)
  assertGranted(settings, by)
  const receiver = openReceiver(ring, held.credentials)
  if (address !== undefined) assertSiteAddress(address, simulator)
  const credentials = sealReceiver(ring, { ...receiver, ...(address === undefined ? {} : { address }) })
  await updateSubscription(tx, id, { ...ofSettings(settings), credentials })
  const detail = { name: settings.name, kinds: settings.kinds, otherAddress: address !== undefined }
  await note(tx, by, 'change', { id, detail })
}

/**
 * Pauses a subscription, or lets it go on. What happens meanwhile is kept, and sent when it goes on. It goes on in the name of the asker, who must
 * be allowed to read its documents.
 */
export async function setSubscriptionState(
  tx: Tx,
  { id, state }: { id: string; state: 'on' | 'paused' },
  by: Asker,
): Promise<void> {
  const held = await lockOwn(tx, id, by)
  if (state === 'on') assertGranted(held, by)
  await writeState(tx, id, state)
  await note(tx, by, state === 'on' ? 'resume' : 'pause', { id, detail: { name: held.name } })
}

/** Makes another secret. The former one signs too for a day, so that every message has both signatures until then. */
export async function rotateSecret(
  tx: Tx,
  ring: KeyRing,
  id: string,
  by: Asker,
): Promise<{ secret: string; formerUntil: Date }> {
  const held = await lockOwn(tx, id, by)
  // With the secret the messages can be read.
  assertGranted(held, by)
  const { address, secrets } = openReceiver(ring, held.credentials)
  const formerUntil = new Date(sharedNow().getTime() + formerSecretMs)
  const [former] = secrets
  const kept: Secret[] = former ? [{ secret: former.secret, until: formerUntil.toISOString() }] : []
  const secret = newSecret()
  await writeCredentials(tx, id, sealReceiver(ring, { address, secrets: [{ secret }, ...kept] }))
  await note(tx, by, 'rotate', { id, detail: { name: held.name } })
  return { secret, formerUntil }
}

export async function removeSubscription(tx: Tx, id: string, by: By): Promise<void> {
  const { name } = await lockOwn(tx, id, by)
  await deleteSubscription(tx, id)
  await note(tx, by, 'remove', { id, detail: { name } })
}

/** Sends the test event now, also to one that is paused. It is signed as all are, and it has no document. */
export async function testSubscription(
  db: Database,
  { ring, simulator }: WebhookPlaces,
  id: string,
  by: By,
): Promise<Attempt> {
  const held = await subscriptionById(db, id, by.scope)
  if (!held) throw new AppError('not_found', { what })
  const now = sharedNow()
  const message = {
    id: `test_${randomBytes(9).toString('base64url')}`,
    kind: 'test.sent',
    createdAt: now,
    data: {},
  }
  const attempt = await sendWebhook(openReceiver(ring, held.credentials), message, { now, simulator })
  await db.transaction().execute((tx) =>
    note(tx, by, 'test', {
      id,
      detail: { name: held.name, taken: attempt.failure === null, status: attempt.status },
    }),
  )
  return attempt
}

/** Returns the shown facts of a subscription: the host of its address, and no secret. */
export function shownSubscription(ring: KeyRing, row: CountedSubscription): SubscriptionAnswer {
  const { credentials, ...shown } = row
  const { address, secrets } = openReceiver(ring, credentials)
  const until = secrets.flatMap((each) => (each.until === undefined ? [] : [new Date(each.until)]))[0]
  const formerUntil = until !== undefined && until > sharedNow() ? until : null
  return { ...shown, host: URL.canParse(address) ? new URL(address).host : '', formerUntil }
}

const ofSettings = ({ name, kinds, shops, warehouses }: Omit<SubscriptionChange, 'address'>) => ({
  ...{ name, kinds: [...new Set(kinds)], shops, warehouses },
})

/** Throws unless the asker may read the documents, and sees the shops and warehouses. */
const assertGranted = (settings: Parameters<typeof rightsFor>[0], asker: Asker) =>
  assertWithin(asker, rightsFor(settings))

async function lockOwn(tx: Tx, id: string, { scope }: By): Promise<SubscriptionRow> {
  const held = await subscriptionById(tx, id, scope, true)
  if (!held) throw new AppError('not_found', { what })
  return held
}

type Noted = { id: string; detail: Record<string, unknown> }

const note = (tx: Tx, { actor, request }: By, verb: string, { id, detail }: Noted) =>
  audit(tx, { actor, action: `webhook.${verb}`, subject: { type: 'webhook', id }, detail, request })

const what = { zh: '事件推送', en: 'Webhook' }
